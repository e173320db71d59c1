import type { Points } from "../../../pipeline/cluster/points.ts";
import { Random } from "../../../pipeline/math/random.ts";

/** Points around `centres` random centres, in general position. */
export function blobs(rows: number, dim: number, centres: number, seed: number): Points {
  const random = new Random(seed);
  const middle = Float32Array.from({ length: centres * dim }, () => 4 * random.normal());
  const data = new Float32Array(rows * dim);
  for (let row = 0; row < rows; row++) {
    const centre = random.below(centres);
    for (let j = 0; j < dim; j++) data[row * dim + j] = middle[centre * dim + j]! + random.normal();
  }
  return { data, rows, dim };
}

export function pointsOf(rows: readonly (readonly number[])[]): Points {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, dim: rows[0]!.length };
}

/** Rows of the points, as centroids to start from. */
export function rowsAt({ data, dim }: Points, rows: readonly number[]): Float32Array {
  return Float32Array.from(rows.flatMap((row) => Array.from(data.subarray(row * dim, (row + 1) * dim))));
}

export function rowsOf({ data, rows, dim }: Points): number[][] {
  return Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * dim, (row + 1) * dim)));
}
