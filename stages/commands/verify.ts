/**
 * `climb verify PATH`: hash again everything a mixture.json, run directory or artifact folder names, and say what is not
 * there or not what it was.
 */
import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ArtifactFile, verifyArtifact } from "../../pipeline/core/artifact.ts";
import { InputError, InterruptedError } from "../../pipeline/core/errors.ts";
import { checkManifest } from "../../pipeline/manifest/check-manifest.ts";
import type { Manifest } from "../../pipeline/schema/manifest.ts";
import { readManifestFile } from "../parts/read-manifest.ts";
import { table } from "./summary.ts";
import { states, type Verified } from "./verified.ts";
import { verifyInputs } from "./verify-inputs.ts";
import { verifyPublished } from "./verify-published.ts";

/** @throws InputError after printing, unless everything is there and matches */
export async function verifyCommand(
  path: string,
  { json }: { readonly json?: boolean },
  signal: AbortSignal,
): Promise<void> {
  const checked: Verified[] = [];
  for await (const one of verify(path)) {
    if (signal.aborted) throw new InterruptedError("interrupted", "nothing was written");
    checked.push(one);
  }
  const wrong = checked.filter(({ state }) => state !== "ok");
  process.stdout.write(
    json ? `${JSON.stringify({ ok: wrong.length === 0, checked })}\n` : verifiedText(checked),
  );
  if (wrong.length === 0) return;
  throw new InputError(
    `${wrong.length} of ${checked.length} do not match what ${path} names: ` +
      `${count(wrong, "changed")} changed, ${count(wrong, "missing")} missing`,
    "restore what changed, or make it again: delete a changed artifact's folder and run climb run with the run's config",
  );
}

async function* verify(path: string): AsyncGenerator<Verified> {
  const given = resolve(path);
  if (await exists(join(given, "artifact.json"))) {
    yield* verifyArtifacts(dirname(given), [given.slice(dirname(given).length + 1)]);
    return;
  }
  const file = (await exists(join(given, "mixture.json"))) ? join(given, "mixture.json") : given;
  if ((await stat(file).catch(() => undefined))?.isFile() !== true) {
    throw new InputError(
      `${path} is no mixture.json, run directory or artifact folder`,
      "give one of these, for example data/runs/quickstart",
    );
  }
  const manifest = await readManifestFile(file);
  const problems = checkManifest(manifest);
  yield { kind: "manifest", name: "mixture.json", state: problems.length === 0 ? "ok" : "changed", problems };
  const runDir = dirname(file);
  const root = await findRoot(runDir, manifest);
  const artifactsDir = join(root, "data", "artifacts");
  yield* verifyInputs(manifest, runDir, root);
  yield* verifyArtifacts(artifactsDir, Object.values(manifest.lineage.artifacts));
  yield* verifyPublished(file, artifactsDir);
}

/** These artifacts and those they were made from, each once, in the order of first mention. */
async function* verifyArtifacts(dir: string, names: readonly string[]): AsyncGenerator<Verified> {
  const queue = [...names];
  const seen = new Set<string>();
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (!(await exists(join(dir, name, "artifact.json")))) {
      yield { kind: "artifact", name, state: "missing", problems: [`it is not in ${dir}`] };
      continue;
    }
    try {
      const { inputs } = ArtifactFile.parse(
        JSON.parse(await readFile(join(dir, name, "artifact.json"), "utf8")),
      );
      queue.push(...Object.values(inputs));
      const problems = await verifyArtifact(join(dir, name));
      yield { kind: "artifact", name, state: problems.length === 0 ? "ok" : "changed", problems };
    } catch (error) {
      const problem = `artifact.json: ${(error as Error).message.split("\n")[0]}`;
      yield { kind: "artifact", name, state: "changed", problems: [problem] };
    }
  }
}

/** The folder the run was started in: where its usual place points to, or, with --out, the working directory. */
async function findRoot(runDir: string, { lineage }: Manifest): Promise<string> {
  for (const root of [resolve(runDir, "..", "..", ".."), process.cwd()]) {
    const artifacts = Object.values(lineage.artifacts).map((name) => join(root, "data", "artifacts", name));
    if ((await Promise.all(artifacts.map(exists))).includes(true)) return root;
  }
  return process.cwd();
}

/** Counts by kind, then every problem. */
function verifiedText(checked: readonly Verified[]): string {
  const kinds = [...new Set(checked.map(({ kind }) => kind))];
  const rows = kinds.map((kind) => {
    const own = checked.filter((one) => one.kind === kind);
    return [kind, ...states.map((state) => String(count(own, state)))];
  });
  const problems = checked.flatMap(({ kind, name, state, problems }) =>
    problems.map((problem) => `${state} ${kind} ${name}: ${problem}`),
  );
  return `${[table(["what", ...states], rows, [1, 2, 3]), ...problems].join("\n")}\n`;
}

function count(checked: readonly Verified[], state: Verified["state"]): number {
  return checked.filter((one) => one.state === state).length;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
