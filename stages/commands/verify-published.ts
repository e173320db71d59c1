import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ArtifactFile, verifyArtifact } from "../../pipeline/core/artifact.ts";
import { hashFile } from "../../pipeline/core/hash.ts";
import type { ExportChecks } from "../../pipeline/export/export-all.ts";
import { readChecks } from "./check-run-exports.ts";
import type { Verified } from "./verified.ts";

interface Made {
  readonly name: string;
  readonly file: ArtifactFile;
}

/**
 * The export artifact that a mixture.json came from and the report made of it; and, in a run directory, the copies of their
 * files beside the mixture.json.
 *
 * @param mixture path of the mixture.json
 */
export async function* verifyPublished(mixture: string, artifactsDir: string): AsyncGenerator<Verified> {
  const sha256 = await hashFile(mixture);
  const exported = (await artifactsOf(artifactsDir, "export")).find(({ file }) =>
    file.files.some(({ path, sha256: made }) => path === "mixture.json" && made === sha256),
  );
  if (exported === undefined) {
    const problem = `no export artifact in ${artifactsDir} holds it (sha256 ${sha256})`;
    yield { kind: "export", name: "mixture.json", state: "changed", problems: [problem] };
    return;
  }
  const reports = (await artifactsOf(artifactsDir, "report")).filter(
    ({ file }) => file.inputs["mixture"] === exported.name,
  );
  for (const { name } of [exported, ...reports]) {
    const problems = await verifyArtifact(join(artifactsDir, name));
    yield { kind: "artifact", name, state: problems.length === 0 ? "ok" : "changed", problems };
  }
  const runDir = dirname(mixture);
  if (runDir === join(artifactsDir, exported.name)) return;
  // A mixture.json that was copied somewhere by itself has no exports to check.
  const beside = await readdir(runDir);
  const named = new Map([
    ...[exported, ...reports.slice(-1)].flatMap(({ file }) =>
      file.files.map(({ path, sha256 }) => [path, sha256] as const),
    ),
    // `climb export RUN` may have written targets since, or again: CHECKS.json then knows them better.
    ...(await exportedSince(runDir)),
  ]);
  named.delete("exports/CHECKS.json");
  for (const [path, expected] of named) {
    if (!beside.includes(path.split("/")[0]!)) continue;
    const found = await hashFile(join(runDir, path)).catch(() => undefined);
    const state = found === undefined ? "missing" : found === expected ? "ok" : "changed";
    const problems = state === "ok" ? [] : [`sha256 ${found ?? "(missing)"} instead of ${expected}`];
    yield { kind: "export", name: path, state, problems };
  }
}

/** `exports/<target>/<file>` to the sha256 that exports/CHECKS.json names. */
async function exportedSince(runDir: string): Promise<Map<string, string>> {
  const checks = await readChecks(join(runDir, "exports")).catch((): ExportChecks => ({}));
  return new Map(
    Object.entries(checks).flatMap(([target, { files }]) =>
      Object.entries(files).map(([path, sha256]) => [`exports/${target}/${path}`, sha256] as const),
    ),
  );
}

/** All artifacts of a stage that can be read, by name. */
async function artifactsOf(dir: string, stage: string): Promise<Made[]> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => name.startsWith(`${stage}-`)).sort();
  const made: Made[] = [];
  for (const name of names) {
    try {
      const text = await readFile(join(dir, name, "artifact.json"), "utf8");
      made.push({ name, file: ArtifactFile.parse(JSON.parse(text)) });
    } catch {
      // One that cannot be read is not the one that is looked for.
    }
  }
  return made;
}
