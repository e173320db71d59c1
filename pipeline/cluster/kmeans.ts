import { InterruptedError } from "../core/errors.ts";
import type { Random } from "../math/random.ts";
import { checkClusters, checkDistinct, checkFinite } from "./check-points.ts";
import { bestEngine, type EngineName } from "./engine.ts";
import { rounderFor } from "./exact-sum.ts";
import { createJob, type Job } from "./job.ts";
import { lloyd, sumOfBlocks, type KMeansIteration } from "./lloyd.ts";
import { PoolRunner } from "./pool-runner.ts";
import { sharePoints, type Points } from "./points.ts";
import { openLocalRunner, type Runner } from "./runner.ts";
import { seedCentroids } from "./seed-centroids.ts";

export interface KMeansOptions {
  readonly clusters: number;
  /** Updates of the centroids at most. */
  readonly maxIterations: number;
  /** Stop when the inertia's relative decrease is below this. */
  readonly tolerance: number;
  /** Greedy k-means++ looks at a sample of this many points per cluster. */
  readonly initPointsPerCluster: number;
  readonly seed: Random;
  /** Threads at most; never changes a result. */
  readonly workers: number;
  /** Centroids to start from (clusters * dim) instead of k-means++. */
  readonly initial?: Float32Array;
  /** Arithmetic; by default onnxruntime, or plain JavaScript where its native module does not load. */
  readonly engine?: EngineName;
  readonly signal?: AbortSignal;
  readonly onIteration?: (iteration: KMeansIteration) => void;
}

export interface KMeansResult {
  /** clusters * dim */
  readonly centroids: Float32Array;
  /** Cluster of each row: its nearest centroid, the lowest of equally near ones. */
  readonly assignments: Uint32Array;
  /** Euclidean distance of each row to its centroid. */
  readonly distances: Float32Array;
  /** Sum of the squared distances. */
  readonly inertia: number;
  /** One entry for each assignment of all rows: the first is that of the initial centroids. */
  readonly iterations: readonly KMeansIteration[];
  /** False if maxIterations came first. */
  readonly converged: boolean;
  readonly engine: EngineName;
}

/** Below this many multiplications a pass, worker threads cost more to start than they save. */
const poolPays = 2e8;

/**
 * k-means (Lloyd) of `points` (row-major, rows * dim): greedy k-means++ on a sample, then exact
 * assignments by GEMM until the inertia settles. CLIMB (arXiv 2504.13161) section 3.1, step 2.
 *
 * Deterministic: for one CPU model and seed, the same bytes with any number of workers.
 *
 * Memory besides the points (which are copied once if they do not lie in shared memory) and the result:
 * the points of the k-means++ sample twice (8 * initPointsPerCluster * clusters * dim bytes), the sums of
 * each worker and of all (8 * clusters * dim bytes each), and at most 6 MB of buffers a worker for
 * dim + clusters <= 23,000.
 *
 * @throws ConfigError if there are fewer rows than clusters
 * @throws InputError if a value is NaN or infinite, or fewer rows are distinct than there are clusters
 * @throws InterruptedError once `signal` is aborted, at the end of the blocks under way
 */
export async function kmeans(points: Points, options: KMeansOptions): Promise<KMeansResult> {
  const { clusters, seed, signal, initial } = options;
  const { rows, dim } = points;
  checkClusters(clusters, rows);
  if (initial !== undefined && initial.length !== clusters * dim) {
    throw new RangeError(`initial has ${initial.length} values, clusters=${clusters} * dim=${dim} is needed`);
  }
  const check = (): void => {
    if (signal?.aborted === true) throw new InterruptedError();
  };
  check();
  const job = createJob(sharePoints(points), clusters);
  const engine = options.engine ?? (await bestEngine());
  const stop = (): void => void Atomics.store(job.control, 1, 1);
  signal?.addEventListener("abort", stop);
  let runner: Runner | undefined;
  try {
    runner = await openRunner(job, engine, options.workers);
    setOrigin(job);
    const replies = await runner.run({ pass: "inspect" });
    check();
    checkFinite(job.points, Math.min(...replies.map((reply) => reply.firstBadRow)));
    checkDistinct(job.points, clusters);
    const spread = sumOfBlocks(job);
    const rounder = rounderFor(rows, Math.max(...replies.map((reply) => reply.largest)));

    if (initial === undefined) await seedCentroids(job, runner, options.initPointsPerCluster, seed, check);
    else job.centroids.set(initial);
    const { inertia, iterations, converged } = await lloyd(job, runner, {
      maxIterations: options.maxIterations,
      tolerance: options.tolerance,
      spread,
      rounder,
      check,
      onIteration: options.onIteration,
    });
    // Copies: results leave shared memory.
    return {
      centroids: job.centroids.slice(),
      assignments: job.assignments.slice(),
      distances: job.distances.slice(),
      inertia,
      iterations,
      converged,
      engine,
    };
  } finally {
    signal?.removeEventListener("abort", stop);
    await runner?.close();
  }
}

async function openRunner(job: Job, engine: EngineName, workers: number): Promise<Runner> {
  const { points, clusters, blocks } = job;
  if (points.rows * points.dim * clusters < poolPays) return openLocalRunner(job, engine);
  return new PoolRunner(job, engine, Math.max(1, Math.min(workers, blocks)));
}

/**
 * The median, by coordinate, of up to 63 evenly spaced rows: inside the data whatever its outliers, and made
 * of its own values, so that points of small integers keep exact scores and exact ties.
 */
function setOrigin({ points: { data, rows, dim }, origin }: Job): void {
  const count = Math.min(rows, 63);
  const column = new Float32Array(count);
  for (let j = 0; j < dim; j++) {
    for (let i = 0; i < count; i++) column[i] = data[Math.floor((i * rows) / count) * dim + j]!;
    const median = column.sort()[(count - 1) >> 1]!;
    // Bad rows are found next, whatever the origin, as long as it is finite.
    origin[j] = Number.isFinite(median) ? median : 0;
  }
}
