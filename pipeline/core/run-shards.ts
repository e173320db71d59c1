import { readFile } from "node:fs/promises";
import { ClimbError, ConfigError, IncompleteError, InterruptedError } from "./errors.ts";
import type { Executor, StepJob } from "./executor.ts";
import { errorOfShard, shardExitCode } from "./exit-codes.ts";
import { type Marker, readMarker } from "./marker.ts";
import type { Progress } from "./progress.ts";
import { readShardError, readShardProgress, shardKey, type StepFile, writeStep } from "./shard-step.ts";

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

/**
 * Have every shard of a step done by the executor. Only shards without a valid marker are started, so
 * calling it again after any interruption does only what is missing.
 *
 * @returns the markers, in shard order
 * @throws the shard's own error if it says that trying again is useless, or when its attempts are used up;
 *   InterruptedError when the signal fires, after the shards have been stopped
 */
export async function runShards(
  job: StepJob,
  step: StepFile,
  { executor, progress, signal, retries = 2 }: RunShardsOptions,
): Promise<Marker[]> {
  await writeStep(job.stepDir, step);
  const markers = new Map<number, Marker>();
  const attempts = new Map<number, number>();
  let waiting = await withoutMarker(job, step, markers);
  if (waiting.length === 0) return inOrder(markers);

  const problems = await executor.preflight(job);
  if (problems.length > 0) throw new ConfigError(`${job.name}: ${problems.join("; ")}`);
  const stop = () => void executor.cancel(job);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await executor.submit(job, waiting);
    while (waiting.length > 0) {
      await executor.changed(job);
      if (signal.aborted) throw new InterruptedError();
      const states = await executor.observe(job);
      const ended = waiting.filter((shard) => states.get(shard)?.state === "ended");
      for (const shard of ended) {
        if (signal.aborted) throw new InterruptedError();
        const marker = await readMarker(job.stepDir, shard, shardKey(step, shard));
        if (marker !== undefined) {
          markers.set(shard, marker);
          continue;
        }
        const state = states.get(shard);
        if (state?.state !== "ended") continue;
        const attempt = (attempts.get(shard) ?? 0) + 1;
        attempts.set(shard, attempt);
        if (final.has(state.exitCode) || attempt > retries) {
          throw await shardFailure(job, executor, shard, state.exitCode, state.reason);
        }
        progress({
          event: "retry",
          stage: step.stage,
          step: step.step,
          shard,
          attempt,
          reason: state.reason,
        });
        await executor.submit(job, [shard]);
      }
      waiting = waiting.filter((shard) => !markers.has(shard));
      progress({
        event: "work",
        stage: step.stage,
        step: step.step,
        ...(await overall(job, step.inputs.length, markers, waiting)),
        unit: "shards",
      });
    }
  } catch (error) {
    await executor.cancel(job);
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return inOrder(markers);
}

async function withoutMarker(job: StepJob, step: StepFile, markers: Map<number, Marker>): Promise<number[]> {
  const missing: number[] = [];
  for (let shard = 0; shard < step.inputs.length; shard++) {
    const marker = await readMarker(job.stepDir, shard, shardKey(step, shard));
    if (marker === undefined) missing.push(shard);
    else markers.set(shard, marker);
  }
  return missing;
}

function inOrder(markers: ReadonlyMap<number, Marker>): Marker[] {
  return [...markers.entries()].sort(([left], [right]) => left - right).map(([, marker]) => marker);
}

/** Progress in shards: a running one counts for its own share. */
async function overall(
  job: StepJob,
  total: number,
  markers: ReadonlyMap<number, Marker>,
  waiting: readonly number[],
): Promise<{ done: number; total: number }> {
  let done = markers.size;
  for (const shard of waiting) {
    const running = await readShardProgress(job.stepDir, shard);
    if (running !== undefined && running.total > 0) done += Math.min(1, running.done / running.total);
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
  const message = `${job.name}: shard ${shard} of ${job.shards} ended with ${reason}${tail === "" ? "" : `:\n${tail}`}`;
  return exitCode === shardExitCode.diskFull
    ? errorOfShard(exitCode, message, "free some space and run the same command again")
    : new IncompleteError(message, `what is done is kept; look at ${log ?? job.stepDir} and run again`);
}
