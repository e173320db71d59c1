import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { $, quote } from "zx";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { requestName } from "./protocol.ts";

export interface CommandOptions {
  /** Shell command; {request} and {out} stand for the paths, which are appended as options if it has neither. */
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** From SIGTERM, on which a trainer saves, to SIGKILL. */
  readonly graceSeconds: number;
}

export interface Ending {
  readonly exitCode: number | null;
  /** "exit code 3", "killed by SIGKILL", "no end after 60 s" */
  readonly reason: string;
  readonly timedOut: boolean;
  readonly log: string;
}

/** Groups of trainers that run now: when this process ends in order, they do. */
const running = new Set<number>();
process.on("exit", () => {
  for (const group of running) killGroup(group, "SIGTERM");
});

/**
 * Runs a trainer in a folder, in a process group of its own, with its output in trainer.log, to its end or to the end of
 * its time. One that a killed run left behind in this folder is stopped first.
 *
 * @param signal Stops the trainer with SIGTERM; the ending is reported as any other.
 */
export async function runCommand(
  folder: string,
  options: CommandOptions,
  signal?: AbortSignal,
): Promise<Ending> {
  const { command, environment, timeoutSeconds, graceSeconds } = options;
  await stopLeftOver(folder, graceSeconds);
  const log = join(folder, "trainer.log");
  const file = await open(log, "a");
  try {
    const child = $({
      detached: true,
      nothrow: true,
      quiet: true,
      env: { ...process.env, ...environment },
      stdio: ["ignore", file.fd, file.fd],
    })`bash -c ${commandLine(command, folder)}`;
    const ended = child.then(({ exitCode, signal }) => ({ exitCode, signal }));
    // zx starts the process in the same turn.
    const group = child.pid;
    if (group === undefined) throw new Error(`no process for ${command}`);
    running.add(group);
    await writeFileAtomic(groupPath(folder), JSON.stringify((await processIdentity(group)) ?? {}));
    let timedOut = false;
    const stop = async () => {
      killGroup(group, "SIGTERM");
      await Promise.race([ended, sleep(graceSeconds * 1000, undefined, { ref: false })]);
      killGroup(group, "SIGKILL");
    };
    const timer = setTimeout(() => {
      timedOut = true;
      void stop();
    }, timeoutSeconds * 1000);
    const onAbort = () => void stop();
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    try {
      const { exitCode, signal: killedBy } = await ended;
      // Whatever the trainer started and left behind.
      killGroup(group, "SIGKILL");
      const reason = timedOut
        ? `no end after ${timeoutSeconds} s`
        : killedBy === null
          ? `exit code ${exitCode}`
          : `killed by ${killedBy}`;
      return { exitCode, reason, timedOut, log };
    } finally {
      running.delete(group);
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  } finally {
    await file.close();
  }
}

/** The shell line for a folder that holds a request. */
export function commandLine(command: string, folder: string): string {
  const request = quote(join(folder, requestName));
  const out = quote(folder);
  const template = /\{(request|out)\}/.test(command) ? command : `${command} --request {request} --out {out}`;
  return template.replaceAll("{request}", () => request).replaceAll("{out}", () => out);
}

/** The last lines of a trainer's log, for an error message. */
export async function tailOf(log: string): Promise<string> {
  const text = await readFile(log, "utf8").catch(() => "");
  return text.trim().split("\n").slice(-5).join("\n");
}

interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: process ids are used again, with another start. */
  readonly started: string;
}

async function processIdentity(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie has ended; nobody has asked how.
  return fields.length < 20 || fields[0] === "Z" ? undefined : { pid, started: fields[19]! };
}

async function stopLeftOver(folder: string, graceSeconds: number): Promise<void> {
  let left: ProcessIdentity;
  try {
    left = JSON.parse(await readFile(groupPath(folder), "utf8")) as ProcessIdentity;
  } catch {
    return;
  }
  const isThere = async () => (await processIdentity(left.pid))?.started === left.started;
  if (left.pid === undefined || !(await isThere())) return;
  killGroup(left.pid, "SIGTERM");
  for (let waited = 0; waited < graceSeconds && (await isThere()); waited += 0.1) await sleep(100);
  killGroup(left.pid, "SIGKILL");
}

function groupPath(folder: string): string {
  return join(folder, "trainer.json");
}

function killGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // It has ended.
  }
}
