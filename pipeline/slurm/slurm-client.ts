/**
 * The scheduler's command-line programs. They are all that every Slurm has: no REST daemon and no accounting database
 * is needed. What they answer is never taken as the truth about a shard, only about the queue.
 */
import { userInfo } from "node:os";
import { $, type ProcessOutput } from "zx";
import { ConfigError } from "../core/errors.ts";
import { parseQueue, type QueueElement, queueFormat } from "./queue-format.ts";

/** The controller did not answer: nothing is known, and nothing may be concluded. */
export class SlurmUnreachableError extends Error {}

export interface SlurmClient {
  /**
   * @returns the id of the array job
   * @throws SlurmUnreachableError when it is not known whether the script was taken; ConfigError when it was refused
   */
  submit(script: string): Promise<number>;
  /** @returns why Slurm would refuse the script, or undefined */
  test(script: string): Promise<string | undefined>;
  /** @throws SlurmUnreachableError */
  queue(jobName: string): Promise<QueueElement[]>;
  /** Every live job of this user whose name begins so, with its state and reason. */
  liveJobs(prefix: string): Promise<{ jobId: number; name: string; state: string; reason: string }[]>;
  /** End every job of that name; does not wait. */
  cancel(jobName: string): Promise<void>;
  /** The first array index that is too large. */
  maxArraySize(): Promise<number>;
}

/** Longer than the 9 s after which Slurm's own programs give up on a controller. */
const timeout = "30s";

const unreachable =
  /unable to contact|connection (refused|timed out)|socket timed out|communication|slurm_load_jobs error|zero bytes|try again|temporarily/i;

/** Also said while every node that would do is down or drained, which passes: what it waits for will tell. */
const unavailable = /requested node configuration is not available/i;

/** Drives sbatch, squeue, scancel and scontrol. */
export class CommandLineClient implements SlurmClient {
  async submit(script: string): Promise<number> {
    const sbatch = run();
    const output = await sbatch({ input: script })`sbatch --parsable`;
    if (output.exitCode === 0) {
      // id[;cluster]
      const id = Number.parseInt(output.stdout.trim().split(";")[0]!, 10);
      if (Number.isSafeInteger(id)) return id;
    }
    if (isUnreachable(output)) throw new SlurmUnreachableError(said(output));
    throw new ConfigError(`sbatch refused the job: ${said(output)}`, "mend the slurm section of the config");
  }

  async test(script: string): Promise<string | undefined> {
    const output = await run()({ input: script })`sbatch --test-only`;
    if (output.exitCode === 0 || isUnreachable(output) || unavailable.test(output.stderr)) return undefined;
    return said(output);
  }

  async queue(jobName: string): Promise<QueueElement[]> {
    const { username } = userInfo();
    const output =
      await run()`squeue --noheader --array --states=all --user=${username} --name=${jobName} --format=${queueFormat}`;
    if (output.exitCode !== 0) throw new SlurmUnreachableError(said(output));
    return parseQueue(output.stdout);
  }

  async liveJobs(prefix: string): Promise<{ jobId: number; name: string; state: string; reason: string }[]> {
    const { username } = userInfo();
    const output = await run()`squeue --noheader --user=${username} --format=${"%F|%j|%T|%r"}`;
    if (output.exitCode !== 0) throw new SlurmUnreachableError(said(output));
    const jobs = output.stdout.split("\n").map((line) => line.trim().split("|"));
    return jobs
      .filter(([, name]) => name?.startsWith(prefix) === true)
      .map(([id, name, state, reason]) => ({
        jobId: Number(id),
        name: name!,
        state: state!,
        reason: reason!,
      }));
  }

  async cancel(jobName: string): Promise<void> {
    const { username } = userInfo();
    const output = await run()`scancel --user=${username} --name=${jobName}`;
    if (output.exitCode !== 0) throw new SlurmUnreachableError(said(output));
  }

  async maxArraySize(): Promise<number> {
    const output = await run()`scontrol show config`;
    const found = /^MaxArraySize\s*=\s*(\d+)/m.exec(output.stdout)?.[1];
    if (output.exitCode !== 0 || found === undefined) throw new SlurmUnreachableError(said(output));
    return Number(found);
  }
}

/** Without what a surrounding job would pass on: sbatch takes its defaults from SLURM_ and SBATCH_ variables. */
function run() {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name === "SLURM_CONF" || !/^(SLURM|SBATCH)_/.test(name)),
  );
  return $({ env, quiet: true, nothrow: true, timeout, stdio: ["pipe", "pipe", "pipe"] });
}

function isUnreachable(output: ProcessOutput): boolean {
  return output.signal !== null || unreachable.test(output.stderr);
}

function said(output: ProcessOutput): string {
  const text = (output.stderr.trim() || output.stdout.trim()).split("\n").slice(-3).join("; ");
  return text || `ended with ${output.signal ?? output.exitCode}`;
}
