import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { hashFile, hashJson } from "../../pipeline/core/hash.ts";
import { loadConfig } from "../../pipeline/core/load-config.ts";
import { discoverFiles } from "../../pipeline/corpus/discover.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";
import type { Manifest } from "../../pipeline/schema/manifest.ts";
import { withoutPaths } from "../export.ts";
import type { Verified } from "./verified.ts";

type Input = Manifest["lineage"]["inputs"][number];

/** The input files, where the run's config.resolved.yaml finds them from the folder the run was started in. */
export async function* verifyInputs(
  { lineage }: Manifest,
  runDir: string,
  root: string,
): AsyncGenerator<Verified> {
  const path = join(runDir, "config.resolved.yaml");
  const config =
    (await readFile(path).catch(() => undefined)) && (await loadConfig(path).catch(() => undefined));
  if (config === undefined) {
    const problem = `there is no valid ${path}, which says where the inputs lie`;
    yield { kind: "config", name: "config.resolved.yaml", state: "missing", problems: [problem] };
  } else {
    const sha256 = hashJson(withoutPaths(config));
    const problems =
      sha256 === lineage.configSha256
        ? []
        : [`sha256 ${sha256} instead of ${lineage.configSha256}: another run has used this folder since`];
    yield {
      kind: "config",
      name: "config.resolved.yaml",
      state: problems.length === 0 ? "ok" : "changed",
      problems,
    };
  }
  const places = config === undefined ? new Map<string, string>() : await findInputs(config, root);
  for (const input of lineage.inputs) yield verifyInput(input, places.get(keyOf(input)));
}

async function verifyInput(input: Input, path: string | undefined): Promise<Verified> {
  const one = { kind: "input", name: `${input.source}/${input.file}` } as const;
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
  if (path === undefined || found === undefined) {
    return { ...one, state: "missing", problems: [`the ${input.role} file is not where the config looks`] };
  }
  if (found.size !== input.bytes) {
    return {
      ...one,
      state: "changed",
      problems: [`${path} has ${found.size} bytes instead of ${input.bytes}`],
    };
  }
  const sha256 = await hashFile(path);
  const problems = sha256 === input.sha256 ? [] : [`${path} has sha256 ${sha256} instead of ${input.sha256}`];
  return { ...one, state: problems.length === 0 ? "ok" : "changed", problems };
}

async function findInputs(config: ClimbConfig, root: string): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  const sources = [
    ...config.corpus.sources.map((source) => ({ role: "corpus" as const, source })),
    ...config.targets.map((source) => ({ role: "target" as const, source })),
  ];
  for (const { role, source } of sources) {
    // A source that is gone as a whole has none of its files.
    const { files } = await discoverFiles([source], root).catch(() => ({ files: [] }));
    for (const { name, path, beside } of files) {
      places.set(keyOf({ role, source: source.name, file: name }), path);
      for (const file of beside) places.set(keyOf({ role, source: source.name, file: file.name }), file.path);
    }
  }
  return places;
}

function keyOf({ role, source, file }: Pick<Input, "role" | "source" | "file">): string {
  return [role, source, file].join("\n");
}
