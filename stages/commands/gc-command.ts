/** `climb gc`: delete what interrupted runs left, and, if asked, artifacts that no run refers to. */
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { z } from "zod";
import { ArtifactFile } from "../../pipeline/core/artifact.ts";
import { hashFile } from "../../pipeline/core/hash.ts";
import { findLeftovers, type Leftover } from "../../pipeline/core/sweep.ts";

export interface GcOptions {
  readonly olderThan: number;
  readonly artifacts?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function gcCommand(options: GcOptions): Promise<void> {
  const artifactsDir = resolve("data", "artifacts");
  const age = options.olderThan * 3_600_000;
  const found = await findLeftovers(artifactsDir, age);
  if (options.artifacts)
    found.push(...(await unreferredArtifacts(artifactsDir, resolve("data", "runs"), age)));
  if (!options.dryRun) for (const { path } of found) await rm(path, { recursive: true, force: true });
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ deleted: !options.dryRun, found })}\n`);
    return;
  }
  for (const { path, bytes, why } of found) process.stdout.write(`${path}  ${bytes} bytes  ${why}\n`);
  const bytes = found.reduce((sum, leftover) => sum + leftover.bytes, 0);
  process.stdout.write(
    `${found.length} leftovers, ${bytes} bytes${options.dryRun ? "; nothing was deleted" : ", deleted"}\n`,
  );
}

/** Stages whose results nothing is made from: kept with what they were made from. */
const leaves: ReadonlySet<string> = new Set(["model", "report"]);

/** Artifacts that no mixture.json below `runsDir` was made from. */
async function unreferredArtifacts(
  artifactsDir: string,
  runsDir: string,
  olderThanMilliseconds: number,
): Promise<Leftover[]> {
  const made = new Map<string, z.infer<typeof ArtifactFile>>();
  for (const name of await readdir(artifactsDir).catch(() => [])) {
    const text = await readFile(join(artifactsDir, name, "artifact.json"), "utf8").catch(() => undefined);
    if (text !== undefined) made.set(name, ArtifactFile.parse(JSON.parse(text)));
  }
  const reached = new Set<string>();
  const reach = (name: string) => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const input of Object.values(made.get(name)?.inputs ?? {})) reach(input);
  };
  for (const run of await readdir(runsDir).catch(() => [])) {
    const manifest = await hashFile(join(runsDir, run, "mixture.json")).catch(() => undefined);
    for (const [name, { files }] of made) if (files.some(({ sha256 }) => sha256 === manifest)) reach(name);
  }
  for (const [name, { stage, inputs }] of made) {
    if (leaves.has(stage) && Object.values(inputs).every((input) => reached.has(input))) reach(name);
  }
  const before = Date.now() - olderThanMilliseconds;
  const leftovers: Leftover[] = [];
  for (const [name, { files }] of made) {
    const path = join(artifactsDir, name);
    if (reached.has(name) || (await stat(join(path, "artifact.json"))).mtimeMs > before) continue;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    leftovers.push({ path, bytes, why: "no run refers to it" });
  }
  return leftovers;
}
