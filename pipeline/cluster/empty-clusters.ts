import { addRow, subtractRow } from "./exact-sum.ts";
import type { Job } from "./job.ts";
import { openPointReader } from "./point-reader.ts";

/** Sums and sizes of all clusters. */
export interface Totals {
  /** clusters * dim */
  readonly sums: Float64Array;
  /** clusters */
  readonly counts: Uint32Array;
}

/**
 * Every empty cluster, in order of its index, takes the point that lies farthest from its own centroid
 * among the clusters of more than one point (the lowest row of equally far ones), as in scikit-learn; no
 * two of them take equal points. A cluster stays empty when every point lies on its centroid.
 *
 * Needs job.distances as the pass `measure` leaves them; changes assignments, sums and counts.
 */
export function fillEmptyClusters(job: Job, totals: Totals, rounder: number): void {
  const { points, assignments, distances } = job;
  const { rows, dim } = points;
  const { sums, counts } = totals;
  const reader = openPointReader(points);
  const taken: Float32Array[] = [];
  for (let empty = 0; empty < job.clusters; empty++) {
    if (counts[empty]! > 0) continue;
    let farthest = -1;
    for (let row = 0; row < rows; row++) {
      const distance = distances[row]!;
      if (distance === 0 || (farthest >= 0 && distance <= distances[farthest]!)) continue;
      if (counts[assignments[row]!]! < 2) continue;
      if (taken.length > 0 && isAmong(reader.row(row), taken)) continue;
      farthest = row;
    }
    if (farthest < 0) break;
    const point = reader.row(farthest).slice();
    taken.push(point);
    const before = assignments[farthest]!;
    counts[before]! -= 1;
    counts[empty] = 1;
    subtractRow(sums, before * dim, point, 0, dim, rounder);
    addRow(sums, empty * dim, point, 0, dim, rounder);
    assignments[farthest] = empty;
  }
  reader.close();
}

function isAmong(point: Float32Array, others: readonly Float32Array[]): boolean {
  return others.some((other) => other.every((value, j) => value === point[j]));
}
