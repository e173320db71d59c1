import { mkdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeFileOnce } from "./atomic-file.ts";
import { IncompleteError } from "./errors.ts";

/** How often the holder touches its lock file, and how often others look. */
const usualBeatMilliseconds = 5000;
/** A holder on another host that leaves out this many beats has died with its host. */
const missedBeats = 6;

/**
 * Hold a lock file while `work` runs. A courtesy that keeps two runs from doing the same work twice;
 * correctness rests on markers and renames. The lock of a process that has died is taken over: at once on this host,
 * and after half a minute without a sign of life when it is on another.
 *
 * @throws IncompleteError if a live process holds it
 */
export async function withLock<Result>(
  path: string,
  work: () => Promise<Result>,
  { beatMilliseconds = usualBeatMilliseconds } = {},
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true });
  const mine = JSON.stringify({ host: hostname(), pid: process.pid });
  while (!(await writeFileOnce(path, mine))) {
    const holder = await holderOf(path);
    if (holder === undefined) continue;
    if (await lives(path, holder, beatMilliseconds)) {
      throw new IncompleteError(
        `process ${holder.pid} on ${holder.host} is already doing this (${path})`,
        "wait for it, or stop it; if there is no such run, delete that file",
      );
    }
    await rm(path, { force: true });
  }
  const heart = setInterval(() => {
    const now = new Date();
    // Failing to touch it is harmless: at worst another host takes over, and markers keep both right.
    utimes(path, now, now).catch(() => {});
  }, beatMilliseconds);
  try {
    return await work();
  } finally {
    clearInterval(heart);
    await rm(path, { force: true });
  }
}

/** True if a process of this host holds the lock and lives. */
export async function isHeldHere(path: string): Promise<boolean> {
  const { host, pid } = (await holderOf(path)) ?? {};
  return host === hostname() && pid !== undefined && isAlive(pid);
}

/** True if the lock is there and the process of this host that took it has died. */
export async function isLeftHere(path: string): Promise<boolean> {
  const { host, pid } = (await holderOf(path)) ?? {};
  return host === hostname() && pid !== undefined && !isAlive(pid);
}

/** True if a live process holds the lock, here or, as far as its heartbeat tells within half a minute, elsewhere. */
export async function isHeld(path: string): Promise<boolean> {
  return lives(path, (await holderOf(path)) ?? {}, usualBeatMilliseconds);
}

interface Holder {
  readonly host?: string;
  readonly pid?: number;
}

async function lives(path: string, { host, pid }: Holder, beatMilliseconds: number): Promise<boolean> {
  if (pid === undefined) return false;
  return host === hostname() ? isAlive(pid) : beats(path, beatMilliseconds);
}

/** Who holds the lock: nobody if what is written there is not what this file writes; undefined if there is no lock. */
async function holderOf(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as { host: string; pid: number };
  } catch {
    return {};
  }
}

/** Watches the file's time change; clocks of two hosts are not compared, since they may differ. */
async function beats(path: string, beatMilliseconds: number): Promise<boolean> {
  const touched = async () => (await stat(path).catch(() => undefined))?.mtimeMs;
  const before = await touched();
  for (let beat = 0; beat < missedBeats; beat++) {
    await sleep(beatMilliseconds);
    const now = await touched();
    if (now === undefined) return false;
    if (now !== before) return true;
  }
  return false;
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
