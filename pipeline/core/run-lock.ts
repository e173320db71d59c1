import { mkdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { writeFileOnce } from "./atomic-file.ts";
import { IncompleteError } from "./errors.ts";

/**
 * Hold a lock file while `work` runs. A courtesy that keeps two runs from doing the same work twice;
 * correctness rests on markers and renames. The lock of a process that has died is taken over.
 *
 * @throws IncompleteError if a live process holds it
 */
export async function withLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  await mkdir(dirname(path), { recursive: true });
  const mine = JSON.stringify({ host: hostname(), pid: process.pid });
  while (!(await writeFileOnce(path, mine))) {
    const holder = await readFile(path, "utf8").catch(() => undefined);
    if (holder === undefined) continue;
    const { host, pid } = parseHolder(holder);
    if (pid !== undefined && (host !== hostname() || isAlive(pid))) {
      throw new IncompleteError(
        `process ${pid} on ${host} is already doing this (${path})`,
        "wait for it; if there is no such run, delete that file",
      );
    }
    await rm(path, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** Who holds the lock; nobody if what is written there is not what this file writes. */
function parseHolder(text: string): { host?: string; pid?: number } {
  try {
    return JSON.parse(text) as { host: string; pid: number };
  } catch {
    return {};
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
