import type { Random } from "../math/random.ts";
import { type Centroids, openExactNearest } from "./nearest-centroid.ts";
import { openPointReader } from "./point-reader.ts";
import type { PointSource } from "./points.ts";
import { drawByWeight, sampleRows } from "./seed-centroids.ts";

/**
 * The given centroids and more, up to `clusters`, drawn from a sample of `samplePoints` points as k-means++ would go on:
 * each with a probability proportional to its squared distance from the nearest centroid so far. So the new ones go where
 * the old ones are far, which is where new topics lie.
 *
 * @returns clusters * dimension values; the given centroids come first
 */
export async function extendCentroids(
  centroids: Centroids,
  points: PointSource,
  { clusters, samplePoints }: { readonly clusters: number; readonly samplePoints: number },
  random: Random,
): Promise<Float32Array> {
  const { data, clusters: before, dimension } = centroids;
  const all = new Float32Array(clusters * dimension);
  all.set(data);
  if (clusters === before) return all;
  const rows = sampleRows(points.rows, samplePoints, random.fork("sample"));
  const sample = new Float32Array(rows.length * dimension);
  const reader = openPointReader(points);
  rows.forEach((row, i) => sample.set(reader.row(row), i * dimension));
  reader.close();

  const exact = await openExactNearest(centroids);
  const { distances } = await exact.find(sample);
  await exact.close();
  const squared = Float64Array.from(distances, (distance) => distance ** 2);
  const draw = random.fork("draw");
  for (let k = before; k < clusters; k++) {
    const [row = 0] = drawByWeight(squared, 1, draw);
    const chosen = sample.subarray(row * dimension, (row + 1) * dimension);
    all.set(chosen, k * dimension);
    for (let other = 0; other < squared.length; other++) {
      let distance = 0;
      for (let j = 0, at = other * dimension; j < dimension; j++, at++)
        distance += (sample[at]! - chosen[j]!) ** 2;
      if (distance < squared[other]!) squared[other] = distance;
    }
  }
  return all;
}
