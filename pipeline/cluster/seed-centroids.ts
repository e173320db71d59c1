import type { Random } from "../math/random.ts";
import type { Job } from "./job.ts";
import { openPointReader } from "./point-reader.ts";
import { sharedFloat32 } from "./points.ts";
import type { Runner } from "./runner.ts";
import type { Sample } from "./sample-scorer.ts";

/**
 * Greedy k-means++ (Arthur & Vassilvitskii 2007, with 2 + floor(ln K) trials a centroid as in
 * scikit-learn) on a random sample of `pointsPerCluster * K` points. On 50k x 384, K = 500, 20 points a
 * cluster end within 0.04 % of the inertia that all points give, at a quarter of the cost.
 *
 * Writes rows of the points into job.centroids. If the sample has fewer distinct points than clusters,
 * some centroids are equal; Lloyd's rule for empty clusters then parts them.
 */
export async function seedCentroids(
  job: Job,
  runner: Runner,
  pointsPerCluster: number,
  random: Random,
  check: () => void,
): Promise<void> {
  const { points, clusters, centroids, origin } = job;
  const { dim } = points;
  const rows = sampleRows(points.rows, Math.max(1, pointsPerCluster) * clusters, random.fork("sample"));
  const trials = 2 + Math.floor(Math.log(clusters));
  const sample: Sample = {
    data: sharedFloat32(rows.length * dim),
    rows: rows.length,
    dim,
    trials,
    candidates: sharedFloat32(trials * dim),
    products: sharedFloat32(rows.length * trials),
  };
  const norms = new Float64Array(rows.length);
  const reader = openPointReader(points);
  rows.forEach((row, i) => {
    const point = reader.row(row);
    for (let j = 0; j < dim; j++) {
      const value = Math.fround(point[j]! - origin[j]!);
      sample.data[i * dim + j] = value;
      norms[i]! += value * value;
    }
  });
  await runner.run({ pass: "take-sample", sample });

  const draw = random.fork("draw");
  /** Squared distance of each point to the nearest chosen one. */
  const nearest = new Float64Array(rows.length).fill(Infinity);
  for (let k = 0; k < clusters; k++) {
    check();
    const candidates = k === 0 ? [draw.below(rows.length)] : drawByWeight(nearest, trials, draw);
    candidates.forEach((i, t) => {
      sample.candidates.set(sample.data.subarray(i * dim, (i + 1) * dim), t * dim);
    });
    await runner.run({ pass: "score-sample" });
    const best = bestTrial(sample, norms, nearest, candidates);
    const chosen = candidates[best]!;
    takeCentre(sample, norms, nearest, chosen, best);
    centroids.set(reader.row(rows[chosen]!), k * dim);
  }
  reader.close();
}

/** Sorted, so that the sample reads the points front to back. */
export function sampleRows(rows: number, wanted: number, random: Random): number[] {
  if (wanted >= rows) return Array.from({ length: rows }, (_, row) => row);
  return random.sampleWithoutReplacement(rows, wanted).sort((a, b) => a - b);
}

/** `count` indices, each with a probability proportional to its weight; uniform if all weights are zero. */
export function drawByWeight(weights: Float64Array, count: number, random: Random): number[] {
  const cumulative = new Float64Array(weights.length);
  let total = 0;
  for (let i = 0; i < weights.length; i++) cumulative[i] = total += weights[i]!;
  if (total === 0) return Array.from({ length: count }, () => random.below(weights.length));
  return Array.from({ length: count }, () => {
    const mark = random.uniform() * total;
    // First index whose cumulative weight is above the mark: never one of weight zero.
    let low = 0;
    let high = weights.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle]! > mark) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}

/** The trial that would leave the smallest sum of squared distances; the first of equal ones. */
function bestTrial(
  { products, rows, trials }: Sample,
  norms: Float64Array,
  nearest: Float64Array,
  candidates: readonly number[],
): number {
  let best = 0;
  let smallest = Infinity;
  candidates.forEach((candidate, t) => {
    const norm = norms[candidate]!;
    let potential = 0;
    for (let i = 0; i < rows; i++) {
      const squared = norms[i]! + norm - 2 * products[i * trials + t]!;
      potential += Math.min(nearest[i]!, Math.max(0, squared));
    }
    if (potential < smallest) {
      smallest = potential;
      best = t;
    }
  });
  return best;
}

function takeCentre(
  { products, rows, trials }: Sample,
  norms: Float64Array,
  nearest: Float64Array,
  chosen: number,
  trial: number,
): void {
  const norm = norms[chosen]!;
  for (let i = 0; i < rows; i++) {
    const squared = norms[i]! + norm - 2 * products[i * trials + trial]!;
    nearest[i] = Math.min(nearest[i]!, Math.max(0, squared));
  }
  nearest[chosen] = 0;
}
