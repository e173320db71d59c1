/**
 * What interrupted work leaves behind and nothing refers to: temporary folders of attempts that died, outputs whose
 * marker another attempt published, working folders of stages that are done since.
 */
import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isHeld } from "./run-lock.ts";

export interface Leftover {
  readonly path: string;
  readonly bytes: number;
  readonly why: string;
}

/**
 * Looks only; the caller deletes. Stages that a live process works on are passed over.
 *
 * @param olderThanMilliseconds younger leftovers may belong to a shard that still runs somewhere: longer than the
 *   longest time limit
 */
export async function findLeftovers(
  artifactsDir: string,
  olderThanMilliseconds: number,
): Promise<Leftover[]> {
  const workRoot = join(artifactsDir, ".work");
  const before = Date.now() - olderThanMilliseconds;
  const found: Leftover[] = [];
  const add = async (path: string, why: string) => {
    const measured = await measure(path);
    if (measured !== undefined && measured.newest <= before) found.push({ path, bytes: measured.bytes, why });
  };
  for (const name of await namesIn(workRoot)) {
    if (name.endsWith(".tmp")) {
      await add(join(workRoot, name), "an attempt that did not end");
      continue;
    }
    if (name.endsWith(".lock") || (await isHeld(join(workRoot, `${name}.lock`)))) continue;
    const workDir = join(workRoot, name);
    if (await exists(join(artifactsDir, name, "artifact.json"))) {
      await add(workDir, "its stage is done");
      continue;
    }
    for (const entry of await namesIn(workDir)) {
      if (entry.startsWith("artifact.")) await add(join(workDir, entry), "an attempt that did not end");
      if (await exists(join(workDir, entry, "step.json"))) await findInStep(join(workDir, entry), add);
    }
  }
  return found;
}

async function findInStep(stepDir: string, add: (path: string, why: string) => Promise<void>): Promise<void> {
  for (const name of await namesIn(join(stepDir, "tmp")))
    await add(join(stepDir, "tmp", name), "an attempt that did not end");
  const referred = new Set<string>();
  for (const name of await namesIn(join(stepDir, "done"))) {
    const path = join(stepDir, "done", name);
    if (name.endsWith(".tmp")) await add(path, "an attempt that did not end");
    for (const output of await outputsOf(path)) referred.add(output.split("/")[1]!);
  }
  for (const name of await namesIn(join(stepDir, "out"))) {
    if (!referred.has(name)) await add(join(stepDir, "out", name), "no marker names it");
  }
}

const Outputs = z.object({ outputs: z.array(z.object({ path: z.string() })) });

async function outputsOf(marker: string): Promise<string[]> {
  try {
    return Outputs.parse(JSON.parse(await readFile(marker, "utf8"))).outputs.map(({ path }) => path);
  } catch {
    // Torn: no reader follows it either.
    return [];
  }
}

function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The latest change below `path`, in milliseconds, and the bytes of its files; undefined when it is gone. */
async function measure(path: string): Promise<{ newest: number; bytes: number } | undefined> {
  const own = await lstat(path).catch(() => undefined);
  if (own === undefined) return undefined;
  if (!own.isDirectory()) return { newest: own.mtimeMs, bytes: own.size };
  let [newest, bytes] = [own.mtimeMs, 0];
  for (const name of await namesIn(path)) {
    const part = await measure(join(path, name));
    newest = Math.max(newest, part?.newest ?? 0);
    bytes += part?.bytes ?? 0;
  }
  return { newest, bytes };
}
