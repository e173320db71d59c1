import type { Random } from "../math/random.ts";
import { checkClusters } from "./check-points.ts";
import { fitsJob, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { bestEngine, type EngineName } from "./engine.ts";
import { type Execution, fit, type Fitted, inspect, isLarge, type Start, withRunner } from "./fit.ts";
import { createJob, type Job } from "./job.ts";
import type { KMeansIteration } from "./lloyd.ts";
import { mostCodedDimensions } from "./quantise.ts";
import type { Runner } from "./runner.ts";
import { pickRows, sharePoints, type Points, type PointSource } from "./points.ts";

export interface KMeansOptions {
  readonly clusters: number;
  /** Updates of the centroids at most. */
  readonly maxIterations: number;
  /** Stop when the inertia's relative decrease is below this. */
  readonly tolerance: number;
  /** Greedy k-means++ looks at a sample of this many points per cluster. */
  readonly initPointsPerCluster: number;
  /** Of more points per cluster than these, a sample is fitted first; by default, all points are fitted at once. */
  readonly samplePointsPerCluster?: number;
  /** Updates from all points after the fit of a sample; 1 by default. */
  readonly fullIterations?: number;
  readonly seed: Random;
  /** Threads at most; never changes a result. */
  readonly workers: number;
  /** Centroids to start from (clusters * dim) instead of k-means++. */
  readonly initial?: Float32Array;
  /** Arithmetic; by default onnxruntime, or plain JavaScript where its native module does not load. */
  readonly engine?: EngineName;
  /**
   * Labels by eight-bit codes alone, with exact passes to end with: faster from some 500 clusters on. "auto", the default,
   * takes them there, if the engine is native. Whatever the precision, exact passes of the native engine measure only the
   * centroids that codes leave in question, from 64 clusters and 2e8 multiplications on. No codes beyond 133,144 dimensions.
   */
  readonly precision?: Precision;
  /** Bytes of points that are kept in memory between passes, whatever their number; 512 MiB by default. */
  readonly cacheBytes?: number;
  /** Folder of this clustering's own, to save to after every iteration and to go on from. */
  readonly checkpointDir?: string;
  /** Runs the passes over all points, instead of threads of this process; never changes a result. */
  readonly openRunner?: (job: Job, engine: EngineName) => Promise<Runner>;
  readonly signal?: AbortSignal;
  readonly onIteration?: (iteration: KMeansIteration, phase: Phase) => void;
}

type Precision = "auto" | "float32" | "int8";

/** What is fitted: all points, or first a sample of them. */
type Phase = "sample" | "all";

export interface KMeansResult {
  /** clusters * dim */
  readonly centroids: Float32Array;
  /**
   * Cluster of each row: its nearest centroid, the lowest of equally near ones. Where codes leave few centroids in question,
   * float64 distances decide; elsewhere (small inputs, blocks where too many are left, and likewise openExactNearest)
   * float32 products do. Of two centroids that are equally near to within float32 rounding, the two may find different ones.
   */
  readonly assignments: Uint32Array;
  /** Euclidean distance of each row to its centroid. */
  readonly distances: Float32Array;
  /** Sum of the squared distances. */
  readonly inertia: number;
  /** One entry for each assignment of all rows: the first is that of the initial centroids. */
  readonly iterations: readonly KMeansIteration[];
  /** False if maxIterations came first, in the fit of the sample if there was one. */
  readonly converged: boolean;
  readonly engine: EngineName;
}

/** From so many clusters on, labels of eight bits save more than their preparation costs. */
const int8Pays = 500;

/** From so many on, it is worth it that eight bits choose which centroids are measured. */
const fewestToChooseFrom = 64;

/**
 * k-means (Lloyd) of float32 vectors: greedy k-means++ on a sample, then exact assignments by GEMM until the
 * inertia settles. CLIMB (arXiv 2504.13161) section 3.1, step 2.
 *
 * Deterministic: for one CPU model and seed, the same bytes with any number of workers, any cut into files,
 * and whatever interruptions.
 *
 * Memory, besides points given in memory (which are copied once if they do not lie in shared memory):
 * cacheBytes; 20 bytes a row with the result, 4 more for rows picked from files; the points of the k-means++
 * sample twice (8 * initPointsPerCluster * clusters * dim bytes); 26 * clusters * dim bytes of sums and centroids
 * for each worker, and 17 once more; and at most 10 MB of buffers a worker for dim + clusters <= 10,000.
 *
 * @throws ConfigError if there are fewer rows than clusters
 * @throws InputError if a value is NaN or infinite, or fewer rows are distinct than there are clusters
 * @throws InterruptedError once `signal` is aborted, at the end of the blocks under way
 */
export async function kmeans(points: Points | PointSource, options: KMeansOptions): Promise<KMeansResult> {
  const source = sharePoints(points);
  const { clusters, seed, initial, checkpointDir } = options;
  checkClusters(clusters, source.rows);
  if (initial !== undefined && initial.length !== clusters * source.dim) {
    throw new RangeError(
      `initial has ${initial.length} values, clusters=${clusters} * dim=${source.dim} is needed`,
    );
  }
  const engine = options.engine ?? (await bestEngine());
  const execution: Execution = { engine, workers: options.workers, signal: options.signal };
  const codable = source.dim <= mostCodedDimensions;
  const coarse = codable && usesInt8(options, engine);
  const coded = coarse || (codable && shortlistsPay({ points: source, clusters }, engine));
  const jobOptions = {
    ...(options.cacheBytes !== undefined && { cacheBytes: options.cacheBytes }),
    eightBit: coded,
  };
  const sampleRows = Math.max(1, options.samplePointsPerCluster ?? Infinity) * clusters;

  const all = createJob(source, clusters, jobOptions);
  const { openRunner } = options;
  const forAll: Execution = {
    ...execution,
    openRunner: openRunner && ((job) => openRunner(job, engine)),
  };
  const saved = checkpointDir === undefined ? undefined : await readCheckpoint(checkpointDir);

  const fitPhase = (
    job: Job,
    phase: Phase,
    start: Start,
    maxIterations: number,
    before: { readonly sampleConverged?: boolean } = {},
  ): Promise<Fitted> =>
    withRunner(job, job === all ? forAll : execution, async (runner, check) =>
      fit(job, runner, {
        maxIterations,
        tolerance: options.tolerance,
        check,
        onIteration: (iteration) => options.onIteration?.(iteration, phase),
        facts: await inspect(job, runner, check),
        start: saved?.phase === phase && fitsJob(saved, job) ? saved : start,
        coarse,
        save:
          checkpointDir === undefined
            ? undefined
            : (state) => writeCheckpoint(checkpointDir, job, { phase, ...before, ...state }),
      }),
    );

  const start = initial ?? { initPointsPerCluster: options.initPointsPerCluster, seed };
  let fitted: Fitted;
  if (source.rows <= sampleRows) {
    fitted = await fitPhase(all, "all", start, options.maxIterations);
  } else {
    // Bad rows are found before anything is spent on the sample.
    await withRunner(all, forAll, (runner, check) => inspect(all, runner, check));
    let fromSample: Float32Array;
    let sampleConverged: boolean;
    if (saved?.phase === "all" && saved.sampleConverged !== undefined && fitsJob(saved, all)) {
      fromSample = saved.centroids;
      sampleConverged = saved.sampleConverged;
    } else {
      const rows = pickEvenly(source.rows, sampleRows, seed.fork("points"));
      const sample = createJob(pickRows(source, rows), clusters, jobOptions);
      sampleConverged = (await fitPhase(sample, "sample", start, options.maxIterations)).converged;
      fromSample = sample.centroids;
    }
    fitted = {
      ...(await fitPhase(all, "all", fromSample, options.fullIterations ?? 1, { sampleConverged })),
      converged: sampleConverged,
    };
  }
  // Copies: results leave shared memory.
  return {
    centroids: all.centroids.slice(),
    assignments: all.assignments.slice(),
    distances: all.distances.slice(),
    ...fitted,
    engine,
  };
}

function usesInt8({ precision = "auto", clusters }: KMeansOptions, engine: EngineName): boolean {
  return precision === "int8" || (precision === "auto" && clusters >= int8Pays && engine === "onnxruntime");
}

function shortlistsPay(size: Pick<Job, "points" | "clusters">, engine: EngineName): boolean {
  return engine === "onnxruntime" && size.clusters >= fewestToChooseFrom && isLarge(size);
}

/** `wanted` of the rows, each equally likely, ascending. */
export function pickEvenly(rows: number, wanted: number, random: Random): Uint32Array {
  const picked = new Uint32Array(wanted);
  let count = 0;
  for (let row = 0; count < wanted; row++) {
    // Knuth's algorithm S.
    if (random.uniform() * (rows - row) < wanted - count) picked[count++] = row;
  }
  return picked;
}
