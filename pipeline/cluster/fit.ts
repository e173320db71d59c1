import { InterruptedError } from "../core/errors.ts";
import type { Random } from "../math/random.ts";
import { checkDistinct, checkFinite } from "./check-points.ts";
import type { EngineName } from "./engine.ts";
import { rounderFor } from "./exact-sum.ts";
import type { Job } from "./job.ts";
import { lloyd, sumOfBlocks, type KMeansIteration, type LloydOptions, type LloydState } from "./lloyd.ts";
import { openPointReader } from "./point-reader.ts";
import { openPool } from "./pool-runner.ts";
import { openLocalRunner, type Runner } from "./runner.ts";
import { seedCentroids } from "./seed-centroids.ts";

/** Below this many multiplications a pass, worker threads cost more to start than they save. */
const poolPays = 2e8;

/** How passes are run: none of it changes a result, but for the engine's own rounding. */
export interface Execution {
  readonly engine: EngineName;
  readonly workers: number;
  readonly signal?: AbortSignal | undefined;
  /** Runs the passes over all points, instead of threads of this process. */
  readonly openRunner?: ((job: Job) => Promise<Runner>) | undefined;
}

/** Give `work` a runner for the job, and a function that throws once the signal is aborted. */
export async function withRunner<Result>(
  job: Job,
  { engine, workers, signal, openRunner }: Execution,
  work: (runner: Runner, check: () => void) => Promise<Result>,
): Promise<Result> {
  const check = (): void => {
    if (signal?.aborted === true) throw new InterruptedError();
  };
  check();
  // The runner before this one left it at 1 when it was closed.
  Atomics.store(job.control, 1, 0);
  const stop = (): void => void Atomics.store(job.control, 1, 1);
  signal?.addEventListener("abort", stop);
  let runner: Runner | undefined;
  try {
    runner = await (openRunner ?? openThreads(engine, workers))(job);
    return await work(runner, check);
  } finally {
    signal?.removeEventListener("abort", stop);
    await runner?.close();
  }
}

function openThreads(engine: EngineName, workers: number): (job: Job) => Promise<Runner> {
  return async (job) =>
    isLarge(job)
      ? openPool(job, engine, Math.max(1, Math.min(workers, job.blocks)))
      : openLocalRunner(job, engine);
}

/** Whether a pass is worth the start of threads, and codes their making. */
export function isLarge({ points, clusters }: Pick<Job, "points" | "clusters">): boolean {
  return points.rows * points.dim * clusters >= poolPays;
}

/** Offsets whose squares, added up and scaled, stay among the normal float32: codes of others are not used. */
const leastOffset = 1e-12;
const greatestOffset = 1e12;

/** What a walk over all points finds out. */
export interface PointFacts {
  /** Sum of |x - origin|^2. */
  readonly spread: number;
  /** See exact-sum.ts. */
  readonly rounder: number;
  /** Largest |x - origin| of a coordinate. */
  readonly largestOffset: number;
  /** Of eight-bit centroids, where the job has any: the smallest of all machines'. */
  readonly largestCode: number;
}

/**
 * Choose job.origin and look at every point.
 *
 * @throws InputError if a value is NaN or infinite, or fewer rows are distinct than there are clusters
 */
export async function inspect(job: Job, runner: Runner, check: () => void): Promise<PointFacts> {
  const { points, clusters } = job;
  const reader = openPointReader(points);
  try {
    for (const [j, value] of medianOf(points.rows, points.dim, (row) => reader.row(row)).entries())
      job.origin[j] = value;
    const replies = await runner.run({ pass: "inspect" });
    check();
    checkFinite(points, reader, Math.min(...replies.map((reply) => reply.firstBadRow)));
    checkDistinct(points, reader, clusters);
    return {
      spread: sumOfBlocks(job),
      rounder: rounderFor(points.rows, Math.max(...replies.map((reply) => reply.largest))),
      largestOffset: Math.max(...replies.map((reply) => reply.largestOffset)),
      largestCode: Math.min(...replies.map((reply) => reply.largestCode)),
    };
  } finally {
    reader.close();
  }
}

/** Where a fit begins: at centroids, at those that k-means++ finds, or at a checkpoint. */
export type Start =
  | Float32Array
  | { readonly initPointsPerCluster: number; readonly seed: Random }
  | (LloydState & { readonly centroids: Float32Array; readonly assignments: Uint32Array });

interface FitOptions extends Pick<
  LloydOptions,
  "maxIterations" | "tolerance" | "save" | "check" | "onIteration"
> {
  readonly facts: PointFacts;
  readonly start: Start;
  /** Coarse passes; see EightBit. */
  readonly coarse: boolean;
}

export interface Fitted {
  readonly inertia: number;
  readonly iterations: readonly KMeansIteration[];
  readonly converged: boolean;
}

/** Iterate from `start` on: leaves centroids, assignments and distances in the job. */
export async function fit(job: Job, runner: Runner, options: FitOptions): Promise<Fitted> {
  const { facts, start, coarse, ...lloydOptions } = options;
  const { spread, rounder, largestOffset, largestCode } = facts;
  if (start instanceof Float32Array) job.centroids.set(start);
  else if ("seed" in start) {
    await seedCentroids(job, runner, start.initPointsPerCluster, start.seed, options.check);
  } else {
    job.centroids.set(start.centroids);
    job.assignments.set(start.assignments);
  }
  return lloyd(job, runner, {
    ...lloydOptions,
    spread,
    rounder,
    eightBit:
      job.coded !== undefined && largestOffset > leastOffset && largestOffset < greatestOffset
        ? { quantum: largestOffset / 127, largestCode, coarse }
        : undefined,
    resumed: "updates" in start ? start : undefined,
  });
}

/**
 * The median, by coordinate, of up to 63 evenly spaced rows: inside the data whatever its outliers, and made
 * of its own values, so that points of small integers keep exact scores and exact ties.
 */
function medianOf(rows: number, dim: number, row: (index: number) => Float32Array): Float32Array {
  const count = Math.min(rows, 63);
  const sample = Array.from({ length: count }, (_, i) => row(Math.floor((i * rows) / count)).slice());
  return Float32Array.from({ length: dim }, (_, j) => {
    const median = Float32Array.from(sample, (point) => point[j]!).sort()[(count - 1) >> 1]!;
    // Bad rows are found next, whatever the origin, as long as it is finite.
    return Number.isFinite(median) ? median : 0;
  });
}
