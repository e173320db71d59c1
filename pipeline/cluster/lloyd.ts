import { fillEmptyClusters, type Totals } from "./empty-clusters.ts";
import type { Job } from "./job.ts";
import type { Runner } from "./runner.ts";

/** The clustering after `updates` updates of the centroids. */
export interface KMeansIteration {
  readonly updates: number;
  /** Sum of the squared distances to the own centroid, from float32 scores (about 6 digits). */
  readonly inertia: number;
  /** Rows that changed their cluster. */
  readonly moved: number;
  readonly emptyClusters: number;
  /** clusters * sum of squared sizes / rows^2: 1 if all clusters are of one size. */
  readonly imbalance: number;
}

export interface LloydOptions {
  readonly maxIterations: number;
  readonly tolerance: number;
  /** Sum of |x - origin|^2. */
  readonly spread: number;
  readonly rounder: number;
  /** Throws when the user asked to stop. */
  readonly check: () => void;
  readonly onIteration: ((iteration: KMeansIteration) => void) | undefined;
}

/**
 * Lloyd's algorithm from job.centroids on. Ends after an assignment, so that job.assignments and
 * job.distances belong to job.centroids. Only rows that moved are booked: since the sums are exact, they
 * are the same bits as if they were taken afresh.
 *
 * @returns the final inertia in float64, and whether it converged within maxIterations updates
 */
export async function lloyd(
  job: Job,
  runner: Runner,
  options: LloydOptions,
): Promise<{ inertia: number; iterations: KMeansIteration[]; converged: boolean }> {
  const { clusters, points } = job;
  const { maxIterations, tolerance, spread, rounder, check, onIteration } = options;
  const totals: Totals = {
    sums: new Float64Array(clusters * points.dim),
    counts: new Uint32Array(clusters),
  };
  const iterations: KMeansIteration[] = [];
  let converged = false;
  for (let updates = 0; ; updates++) {
    centre(job);
    const replies = await runner.run({ pass: "assign", rounder });
    check();
    addChanges(totals, runner);
    const moved = replies.reduce((sum, reply) => sum + reply.moved, 0);
    const iteration: KMeansIteration = {
      updates,
      inertia: Math.max(0, spread - 2 * sumOfBlocks(job)),
      moved,
      ...balance(totals.counts, points.rows),
    };
    const previous = iterations.at(-1);
    iterations.push(iteration);
    onIteration?.(iteration);

    const settled =
      previous !== undefined &&
      iteration.emptyClusters === 0 &&
      previous.inertia - iteration.inertia < tolerance * previous.inertia;
    converged = moved === 0 || settled;
    if (converged || updates === maxIterations) break;
    if (iteration.emptyClusters > 0) {
      await runner.run({ pass: "measure" });
      check();
      fillEmptyClusters(job, totals, rounder);
    }
    moveCentroids(job, totals);
  }
  await runner.run({ pass: "measure" });
  check();
  return { inertia: sumOfBlocks(job), iterations, converged };
}

/** Sum over blocks, in block order. */
export function sumOfBlocks({ blockSums }: Job): number {
  return blockSums.reduce((sum, value) => sum + value, 0);
}

/** The form of the centroids that scores are taken with. */
function centre({ points: { dim }, clusters, centroids, origin, centred, biases }: Job): void {
  for (let k = 0; k < clusters; k++) {
    let bias = 0;
    for (let j = 0, at = k * dim; j < dim; j++, at++) {
      const value = Math.fround(centroids[at]! - origin[j]!);
      centred[at] = value;
      bias -= value * (value / 2 + origin[j]!);
    }
    biases[k] = bias;
  }
}

function addChanges(totals: Totals, runner: Runner): void {
  for (const { sums, counts } of runner.changes) {
    for (let i = 0; i < sums.length; i++) totals.sums[i]! += sums[i]!;
    for (let k = 0; k < counts.length; k++) totals.counts[k]! += counts[k]!;
  }
}

function moveCentroids({ points: { dim }, clusters, centroids }: Job, { sums, counts }: Totals): void {
  for (let k = 0; k < clusters; k++) {
    const count = counts[k]!;
    // Still empty: it stays where it is.
    if (count === 0) continue;
    for (let at = k * dim; at < (k + 1) * dim; at++) centroids[at] = sums[at]! / count;
  }
}

function balance(counts: Uint32Array, rows: number): { emptyClusters: number; imbalance: number } {
  let emptyClusters = 0;
  let squares = 0;
  for (const count of counts) {
    if (count === 0) emptyClusters++;
    squares += count * count;
  }
  return { emptyClusters, imbalance: (counts.length * squares) / rows ** 2 };
}
