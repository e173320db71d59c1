/**
 * Completion markers: the only truth about what is done. A marker names a shard's outputs and is published
 * last, by link(), so the first of two copies of a shard wins and the other drops its own output. Readers
 * follow the paths in markers and never look for files by pattern.
 */
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { z } from "zod";
import { attemptId, syncFile, syncFolder, writeFileAtomic, writeFileOnce } from "./atomic-file.ts";
import { hashFile } from "./hash.ts";

const OutputFile = z.strictObject({ path: z.string(), bytes: z.int(), sha256: z.string() });

const Marker = z.strictObject({
  /** sha256 over everything that decides the output. A marker with another key is not this shard's. */
  key: z.string(),
  /** Paths relative to the step's folder. */
  outputs: z.array(OutputFile),
  /** What the shard's task returned: counts and other small facts. */
  result: z.unknown(),
});

export type OutputFile = z.infer<typeof OutputFile>;
export type Marker = z.infer<typeof Marker>;

/** The valid marker of a shard, or undefined: none, torn, for other inputs, or its outputs are not all there. */
export async function readMarker(stepDir: string, shard: number, key: string): Promise<Marker | undefined> {
  let parsed;
  try {
    parsed = Marker.safeParse(JSON.parse(await readFile(markerPath(stepDir, shard), "utf8")));
  } catch {
    return undefined;
  }
  if (!parsed.success || parsed.data.key !== key) return undefined;
  for (const output of parsed.data.outputs) {
    const found = await stat(join(stepDir, output.path)).catch(() => undefined);
    if (found?.size !== output.bytes) return undefined;
  }
  return parsed.data;
}

/** The shards that have a marker file, valid or not: one look instead of one for every shard. */
export async function listMarkers(stepDir: string): Promise<Set<number>> {
  const shards = new Set<number>();
  for (const name of await readdir(join(stepDir, "done")).catch(() => [])) {
    if (/^\d+\.json$/.test(name)) shards.add(Number.parseInt(name, 10));
  }
  return shards;
}

/**
 * Run `task` in a folder no other attempt uses, then publish what it wrote.
 *
 * @param task writes files into the folder it is given and returns small JSON facts
 * @returns the marker that stands: this attempt's, or that of a copy which finished first
 */
export async function completeShard(
  stepDir: string,
  shard: number,
  key: string,
  task: (outDir: string) => Promise<unknown>,
): Promise<Marker> {
  const done = await readMarker(stepDir, shard, key);
  if (done !== undefined) return done;

  const attempt = attemptId();
  const temporary = join(stepDir, "tmp", `${shardName(shard)}.${attempt}`);
  const final = join(stepDir, "out", `${shardName(shard)}.${attempt}`);
  await mkdir(temporary, { recursive: true });
  await mkdir(join(stepDir, "out"), { recursive: true });
  try {
    const result = (await task(temporary)) ?? null;
    const outputs = await describeFiles(temporary, relative(stepDir, final));
    await rename(temporary, final);
    await syncFolder(join(stepDir, "out"));
    const marker: Marker = { key, outputs, result };
    const text = `${JSON.stringify(marker)}\n`;
    if (await writeFileOnce(markerPath(stepDir, shard), text)) return marker;
    const winner = await readMarker(stepDir, shard, key);
    if (winner !== undefined) {
      await rm(final, { recursive: true, force: true });
      return winner;
    }
    // What stood there was torn or for other inputs: replace it.
    await writeFileAtomic(markerPath(stepDir, shard), text);
    return marker;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Name, size and hash of every file below `dir`, flushed to disk, as if they lay in `as`. */
export async function describeFiles(dir: string, as = ""): Promise<OutputFile[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: OutputFile[] = [];
  for (const path of paths.sort()) {
    await syncFile(path);
    const { size } = await stat(path);
    files.push({ path: join(as, relative(dir, path)), bytes: size, sha256: await hashFile(path) });
  }
  return files;
}

function shardName(shard: number): string {
  return String(shard).padStart(5, "0");
}

function markerPath(stepDir: string, shard: number): string {
  return join(stepDir, "done", `${shardName(shard)}.json`);
}
