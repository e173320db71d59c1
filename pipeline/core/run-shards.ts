import { readFile } from "node:fs/promises";
import pLimit from "p-limit";
import { ClimbError, ConfigError, IncompleteError, InterruptedError, LeaveRunning } from "./errors.ts";
import type { Executor, ShardState, StepJob } from "./executor.ts";
import { errorOfShard, shardExitCode } from "./exit-codes.ts";
import { listMarkers, type Marker, readMarker } from "./marker.ts";
import type { Progress } from "./progress.ts";
import {
  readShardDoing,
  readShardError,
  readShardProgress,
  shardKey,
  type StepFile,
  writeStep,
} from "./shard-step.ts";

interface RunShardsOptions {
  executor: Executor;
  progress: Progress;
  signal: AbortSignal;
  /** Attempts beyond the first that a shard gets after a crash. */
  retries?: number;
}

/** Endings that a second attempt cannot cure. */
const final: ReadonlySet<number | null> = new Set([
  shardExitCode.input,
  shardExitCode.config,
  shardExitCode.diskFull,
]);

/** A file server answers many questions at once in the time of one. */
const manyReads = pLimit(32);

/** How often a shard may save and ask to go on (time limits, preemption) before it is called stuck. */
const maxContinuations = 100;

/**
 * Have every shard of a step done by the executor. Only shards without a valid marker are started, so
 * calling it again after any interruption does only what is missing. The executor is never asked what is done: it
 * only says which shards nobody works on any more.
 *
 * @returns the markers, in shard order
 * @throws the shard's own error if it says that trying again is useless, or when its attempts are used up;
 *   IncompleteError when somebody else stopped a shard; ConfigError when one can never start; InterruptedError
 *   when the signal fires, after the shards have been stopped (LeaveRunning, if that is the signal's reason, while
 *   they go on)
 */
export async function runShards(
  job: StepJob,
  step: StepFile,
  { executor, progress, signal, retries = 2 }: RunShardsOptions,
): Promise<Marker[]> {
  await writeStep(job.stepDir, step);
  const markers = new Map<number, Marker>();
  const started = performance.now();
  let waiting = await withoutMarker(job, step, markers, step.inputs.keys());
  const reused = markers.size;
  const finished = () => {
    const seconds = (performance.now() - started) / 1000;
    progress({ event: "step", stage: step.stage, step: step.step, shards: job.shards, reused, seconds });
    return inOrder(markers);
  };
  if (waiting.length === 0) return finished();

  const problems = await executor.preflight(job);
  if (problems.length > 0) throw new ConfigError(`${job.name}: ${problems.join("; ")}`);
  const stop = () => {
    if (!(signal.reason instanceof LeaveRunning)) void executor.cancel(job);
  };
  signal.addEventListener("abort", stop, { once: true });
  const attempts = new Attempts(job, executor, retries);
  try {
    await executor.submit(job, waiting);
    while (waiting.length > 0) {
      await executor.changed(job);
      throwIfAborted(signal);
      const states = await executor.observe(job);
      const published = await listMarkers(job.stepDir);
      const ended = (shard: number) => states?.get(shard)?.state === "ended";
      await withoutMarker(
        job,
        step,
        markers,
        waiting.filter((shard) => published.has(shard) || ended(shard)),
      );
      waiting = waiting.filter((shard) => !markers.has(shard));
      throwIfAborted(signal);
      const again = states === undefined ? [] : await attempts.after(states, waiting);
      for (const { shard, attempt, reason } of again) {
        progress({ event: "retry", stage: step.stage, step: step.step, shard, attempt, reason });
      }
      if (again.length > 0) {
        await executor.submit(
          job,
          again.map(({ shard }) => shard),
        );
      }
      progress({
        event: "work",
        stage: step.stage,
        step: step.step,
        ...(await overall(
          job,
          step.inputs.length,
          markers.size,
          waiting.filter((shard) => states?.get(shard)?.state === "running"),
        )),
        unit: "shards",
      });
    }
  } catch (error) {
    if (!(error instanceof LeaveRunning)) await executor.cancel(job);
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  await executor.settle(job);
  return finished();
}

function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw signal.reason instanceof LeaveRunning ? signal.reason : new InterruptedError();
}

interface Retry {
  readonly shard: number;
  readonly attempt: number;
  readonly reason: string;
}

/** Counts how often each shard was tried, and decides what follows an ending without a marker. */
class Attempts {
  readonly #job: StepJob;
  readonly #executor: Executor;
  readonly #retries: number;
  readonly #crashes = new Map<number, number>();
  readonly #continuations = new Map<number, number>();
  /** When a shard was first seen to have ended without a marker. */
  readonly #endedAt = new Map<number, number>();

  constructor(job: StepJob, executor: Executor, retries: number) {
    this.#job = job;
    this.#executor = executor;
    this.#retries = retries;
  }

  /** The shards to start again; throws where another attempt would be of no use. */
  async after(states: ReadonlyMap<number, ShardState>, waiting: readonly number[]): Promise<Retry[]> {
    const again: Retry[] = [];
    for (const shard of waiting) {
      const state = states.get(shard);
      if (state?.state === "stuck") {
        throw new ConfigError(
          `${this.#job.name}: shard ${shard} of ${this.#job.shards} will never start: ${state.reason}`,
          `mend the ${this.#executor.name} section of the config and run again`,
        );
      }
      if (state?.state !== "ended") {
        this.#endedAt.delete(shard);
        continue;
      }
      if (!this.#markerIsOverdue(shard)) continue;
      this.#endedAt.delete(shard);
      if (state.cancelled === true) {
        throw new IncompleteError(
          `${this.#job.name}: shard ${shard} was cancelled (${state.reason}), so the run stops`,
          "what is done is kept; run the same command again to go on",
        );
      }
      again.push(await this.#again(shard, state.exitCode, state.reason));
    }
    return again;
  }

  #markerIsOverdue(shard: number): boolean {
    const now = performance.now();
    const since = this.#endedAt.get(shard) ?? now;
    this.#endedAt.set(shard, since);
    return now - since >= this.#executor.markerDelayMilliseconds;
  }

  async #again(shard: number, known: number | null, reason: string): Promise<Retry> {
    const exitCode = known ?? (await readShardError(this.#job.stepDir, shard))?.exitCode ?? null;
    if (exitCode === shardExitCode.tryLater) {
      const continuations = count(this.#continuations, shard);
      if (continuations <= maxContinuations)
        return { shard, attempt: continuations, reason: "saved to go on" };
    }
    const attempt = count(this.#crashes, shard);
    if (final.has(exitCode) || attempt > this.#retries) {
      throw await shardFailure(this.#job, this.#executor, shard, exitCode, reason);
    }
    const doing = await readShardDoing(this.#job.stepDir, shard);
    return { shard, attempt, reason: doing === "" ? reason : `${reason} at ${doing}` };
  }
}

function count(counts: Map<number, number>, shard: number): number {
  const next = (counts.get(shard) ?? 0) + 1;
  counts.set(shard, next);
  return next;
}

/** Reads these shards' markers into `markers`; returns those that have none. */
async function withoutMarker(
  job: StepJob,
  step: StepFile,
  markers: Map<number, Marker>,
  shards: Iterable<number>,
): Promise<number[]> {
  const missing: number[] = [];
  await Promise.all(
    Array.from(shards, (shard) =>
      manyReads(async () => {
        const marker = await readMarker(job.stepDir, shard, shardKey(step, shard));
        if (marker === undefined) missing.push(shard);
        else markers.set(shard, marker);
      }),
    ),
  );
  return missing.sort((left, right) => left - right);
}

function inOrder(markers: ReadonlyMap<number, Marker>): Marker[] {
  return [...markers.entries()].sort(([left], [right]) => left - right).map(([, marker]) => marker);
}

/** Progress in shards: a running one counts for its own share. */
async function overall(
  job: StepJob,
  total: number,
  finished: number,
  running: readonly number[],
): Promise<{ done: number; total: number }> {
  let done = finished;
  for (const shard of running) {
    const part = await readShardProgress(job.stepDir, shard);
    if (part !== undefined && part.total > 0) done += Math.min(1, part.done / part.total);
  }
  return { done: Math.round(done * 100) / 100, total };
}

async function shardFailure(
  job: StepJob,
  executor: Executor,
  shard: number,
  exitCode: number | null,
  reason: string,
): Promise<ClimbError> {
  const said = await readShardError(job.stepDir, shard);
  const [log] = (await executor.logs(job, shard)).slice(-1);
  if (said !== undefined) return errorOfShard(exitCode, said.message, said.hint);
  const tail =
    log === undefined
      ? ""
      : (await readFile(log, "utf8").catch(() => "")).trim().split("\n").slice(-5).join("\n");
  const doing = await readShardDoing(job.stepDir, shard);
  const where =
    doing === "" ? `shard ${shard} of ${job.shards}` : `${doing} (shard ${shard} of ${job.shards})`;
  const message = `${job.name}: ${where} ended with ${reason}${tail === "" ? "" : `:\n${tail}`}`;
  return exitCode === shardExitCode.diskFull
    ? errorOfShard(exitCode, message, "free some space and run the same command again")
    : new IncompleteError(message, `what is done is kept; look at ${log ?? job.stepDir} and run again`);
}
