import { longestList } from "./coded-assigner.ts";
import { fillEmptyClusters, type Totals } from "./empty-clusters.ts";
import type { Job } from "./job.ts";
import type { CodedPass, PassReply } from "./pass-messages.ts";
import { codeCentroids } from "./quantise.ts";
import type { Runner } from "./runner.ts";

/** The clustering after `updates` updates of the centroids. */
export interface KMeansIteration {
  readonly updates: number;
  /** Sum of the squared distances to the own centroid, from the clusters' sums. */
  readonly inertia: number;
  /** Rows that changed their cluster. */
  readonly moved: number;
  readonly emptyClusters: number;
  /** clusters * sum of squared sizes / rows^2: 1 if all clusters are of one size. */
  readonly imbalance: number;
  /** Share of a sample of the rows whose eight-bit label is the exact one; absent in exact passes. */
  readonly agreement?: number;
  /** Centroids a row whose distances had to be measured, mean; absent where eight bits did not choose them. */
  readonly measured?: number;
}

export interface LloydOptions {
  /** 0: only assign. */
  readonly maxIterations: number;
  readonly tolerance: number;
  /** Sum of |x - origin|^2. */
  readonly spread: number;
  readonly rounder: number;
  /** Eight-bit codes, if the job has place for them. */
  readonly eightBit: EightBit | undefined;
  /** Go on from here; job.centroids and job.assignments are those of then. */
  readonly resumed: LloydState | undefined;
  /** Called after every update of the centroids with all that is needed to go on from there. */
  readonly save: ((state: LloydState) => Promise<void>) | undefined;
  /** Throws when the user asked to stop. */
  readonly check: () => void;
  readonly onIteration: ((iteration: KMeansIteration) => void) | undefined;
}

interface EightBit {
  /** Of the points' codes. */
  readonly quantum: number;
  /** Of the centroids'. */
  readonly largestCode: number;
  /** Take labels from the codes alone until they settle; else codes only say which centroids are measured. */
  readonly coarse: boolean;
}

/** Where Lloyd's algorithm stands before an assignment, besides the centroids and assignments. */
export interface LloydState {
  readonly updates: number;
  /** Coarse passes are over. */
  readonly exact: boolean;
  readonly iterations: KMeansIteration[];
}

/**
 * Whether too few of the eight-bit labels are the exact ones to go on with them. To the first centroids, which
 * are points themselves, many a row is nearly as near to two; those labels do not last.
 */
export function isPoor({ updates, agreement = 1 }: KMeansIteration): boolean {
  return agreement < (updates === 0 ? 0.9 : 0.98);
}

/**
 * Whether codes leave few enough centroids to be measured: what the last exact pass found, if there was one. The first
 * centroids do not count, for the same reason. A resumed fit knows what was found: it goes the same way.
 */
function areListsShort(iterations: readonly KMeansIteration[], clusters: number): boolean {
  const last = iterations.findLast(({ updates, agreement }) => updates > 0 && agreement === undefined);
  return last === undefined || (last.measured ?? Infinity) <= clusters * longestList;
}

/**
 * Lloyd's algorithm from job.centroids on. Ends after an exact assignment, so that job.assignments and
 * job.distances belong to job.centroids. Only rows that moved are booked: since the sums are exact, they
 * are the same bits as if they were taken afresh.
 *
 * With `eightBit.coarse`, labels are those of the codes until they settle, or until the last pass, or until too
 * few of the labels that are checked are the exact ones; then the same centroids are assigned to exactly, and
 * exact passes go on. Those measure only what the codes leave in doubt, as long as that is little.
 *
 * @returns the final inertia in float64, and whether it converged within maxIterations updates
 */
export async function lloyd(
  job: Job,
  runner: Runner,
  options: LloydOptions,
): Promise<{ inertia: number; iterations: KMeansIteration[]; converged: boolean }> {
  const { clusters, points } = job;
  const { maxIterations, tolerance, spread, rounder, eightBit, resumed, save, check, onIteration } = options;
  const totals: Totals = {
    sums: new Float64Array(clusters * points.dim),
    counts: new Uint32Array(clusters),
  };
  const iterations: KMeansIteration[] = [...(resumed?.iterations ?? [])];
  let exact = resumed?.exact ?? eightBit?.coarse !== true;
  let fresh = true;
  let converged = false;
  for (let updates = resumed?.updates ?? 0; ;) {
    centre(job);
    if (updates === maxIterations) exact = true;
    const coded = exact && !areListsShort(iterations, clusters) ? undefined : eightBit;
    if (coded !== undefined) codeCentroids(job, coded);
    const replies = await runner.run({
      pass: "assign",
      rounder,
      fresh,
      ...(coded && { coded: passOf(coded, exact) }),
    });
    check();
    if (fresh) {
      totals.sums.fill(0);
      totals.counts.fill(0);
    }
    fresh = !runner.incremental;
    addChanges(totals, runner);
    const { moved, ...compared } = summary(replies, points.rows);
    // In the order in which a checkpoint gives them back: the same bytes after a kill.
    const iteration: KMeansIteration = {
      updates,
      inertia: Math.max(0, spread - explained(job, totals)),
      moved,
      ...balance(totals.counts, points.rows),
      ...compared,
    };
    const previous = iterations.at(-1);
    iterations.push(iteration);
    onIteration?.(iteration);

    const settled =
      previous !== undefined &&
      iteration.emptyClusters === 0 &&
      previous.inertia - iteration.inertia < tolerance * previous.inertia;
    converged = iteration.moved === 0 || settled;
    if (!exact && (converged || isPoor(iteration))) {
      exact = true;
      continue;
    }
    if (converged || updates === maxIterations) break;
    if (iteration.emptyClusters > 0) {
      await runner.run({ pass: "measure" });
      check();
      fillEmptyClusters(job, totals, rounder);
    }
    moveCentroids(job, totals);
    updates++;
    await save?.({ updates, exact, iterations });
  }
  await runner.run({ pass: "measure" });
  check();
  return { inertia: sumOfBlocks(job), iterations, converged };
}

function passOf({ quantum, largestCode }: EightBit, exact: boolean): CodedPass {
  return { quantum, largestCode, labels: exact ? "exact" : "coarse" };
}

function summary(
  replies: readonly PassReply[],
  rows: number,
): { moved: number; agreement?: number; measured?: number } {
  const total = (key: "moved" | "compared" | "agreed" | "listed") =>
    replies.reduce((sum, reply) => sum + reply[key], 0);
  const compared = total("compared");
  const listed = total("listed");
  return {
    moved: total("moved"),
    ...(compared > 0 && { agreement: total("agreed") / compared }),
    ...(listed > 0 && { measured: listed / rows }),
  };
}

/**
 * What the centroids take away from the points' spread around the origin, from the clusters' sums S and sizes n alone:
 * the sum over rows of |x - origin|^2 - |x - c|^2 is that over clusters of 2 (S - n origin) . c' - n |c'|^2, with
 * c' = c - origin.
 */
function explained({ points: { dim }, clusters, centroids, origin }: Job, { sums, counts }: Totals): number {
  let total = 0;
  for (let k = 0; k < clusters; k++) {
    const count = counts[k]!;
    for (let j = 0, at = k * dim; j < dim; j++, at++) {
      const offset = centroids[at]! - origin[j]!;
      total += offset * (2 * (sums[at]! - count * origin[j]!) - count * offset);
    }
  }
  return total;
}

/** Sum over blocks, in block order. */
export function sumOfBlocks({ blockSums }: Job): number {
  return blockSums.reduce((sum, value) => sum + value, 0);
}

/** The form of the centroids that scores are taken with. */
export function centre({ points: { dim }, clusters, centroids, origin, centred, biases }: Job): void {
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
