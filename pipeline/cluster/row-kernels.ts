import { addRow, moveRow } from "./exact-sum.ts";

/**
 * What is done with single rows besides the matrix product: their sums by cluster, and their squared distances.
 * Rows are `dim` values of `data` from `at` on, and lie in memory that `allocate` gave.
 *
 * Squared distances are added up in float64, in four parts (j mod 4), then ((0 + 1) + (2 + 3)), then what is left
 * over beyond the last multiple of four: every implementation gives the same bits.
 */
export interface RowKernels {
  /** Room for so many values, once for each part that was announced. */
  allocate(values: number): Float32Array;
  /** Exact sums of the clusters' rows, clusters * dim: see exact-sum.ts. */
  readonly sums: Float64Array;
  /** Add a row to a cluster's sums. */
  add(cluster: number, data: Float32Array, at: number, rounder: number): void;
  /** Take a row from one cluster's sums and add it to another's. */
  move(from: number, to: number, data: Float32Array, at: number, rounder: number): void;
  /** What `distance` measures to; clusters * dim. */
  loadCentroids(centroids: Float32Array): void;
  /** |x - centroid|^2 */
  distance(data: Float32Array, at: number, cluster: number): number;
  /** The same in float32, to within roughness(dim) of it: a quarter of the time. */
  roughDistance(data: Float32Array, at: number, cluster: number): number;
  /** What `inspect` measures to; dim. */
  loadOrigin(origin: Float32Array): void;
  /** |x - origin|^2, with the largest |x| and |x - origin| of any value since loadOrigin kept in `largest`. */
  inspect(data: Float32Array, at: number): number;
  readonly largest: { readonly value: number; readonly offset: number };
}

/**
 * Bound of the relative error of a rough distance: its values are added up in sixteen parts (j mod 16), those with equal
 * j mod 4 as (0 + 1) + (2 + 3), the four that are left likewise, then what is left over beyond the last multiple of sixteen.
 */
export function roughness(dim: number): number {
  return (dim / 16 + 24) * 2 ** -24;
}

export interface KernelShape {
  readonly dim: number;
  readonly clusters: number;
  /** Values of each part that will be allocated. */
  readonly parts: readonly number[];
}

/** The plain version: JavaScript. The reference in the tests, and quicker to set up. */
export class PlainKernels implements RowKernels {
  readonly sums: Float64Array;
  readonly largest = { value: 0, offset: 0 };
  readonly #dim: number;
  readonly #centroids: Float32Array;
  readonly #origin: Float32Array;

  constructor({ dim, clusters }: KernelShape) {
    this.#dim = dim;
    this.sums = new Float64Array(clusters * dim);
    this.#centroids = new Float32Array(clusters * dim);
    this.#origin = new Float32Array(dim);
  }

  allocate(values: number): Float32Array {
    return new Float32Array(values);
  }

  add(cluster: number, data: Float32Array, at: number, rounder: number): void {
    addRow(this.sums, cluster * this.#dim, data, at, this.#dim, rounder);
  }

  move(from: number, to: number, data: Float32Array, at: number, rounder: number): void {
    moveRow(this.sums, from * this.#dim, to * this.#dim, data, at, this.#dim, rounder);
  }

  loadCentroids(centroids: Float32Array): void {
    this.#centroids.set(centroids);
  }

  distance(data: Float32Array, at: number, cluster: number): number {
    return squaredDistance(data, at, this.#centroids, cluster * this.#dim, this.#dim);
  }

  roughDistance(data: Float32Array, at: number, cluster: number): number {
    const { fround } = Math;
    const dim = this.#dim;
    const square = (j: number): number => {
      const offset = fround(data[at + j]! - this.#centroids[cluster * dim + j]!);
      return fround(offset * offset);
    };
    const whole = dim - (dim % 16);
    const parts = new Float32Array(16);
    for (let j = 0; j < whole; j++) parts[j % 16]! += square(j);
    const four = (lane: number): number =>
      fround(fround(parts[lane]! + parts[lane + 4]!) + fround(parts[lane + 8]! + parts[lane + 12]!));
    let sum = fround(fround(four(0) + four(1)) + fround(four(2) + four(3)));
    for (let j = whole; j < dim; j++) sum = fround(sum + square(j));
    return sum;
  }

  loadOrigin(origin: Float32Array): void {
    this.#origin.set(origin);
    this.largest.value = 0;
    this.largest.offset = 0;
  }

  inspect(data: Float32Array, at: number): number {
    for (let j = 0; j < this.#dim; j++) {
      const value = data[at + j]!;
      this.largest.value = Math.max(this.largest.value, Math.abs(value));
      this.largest.offset = Math.max(this.largest.offset, Math.abs(value - this.#origin[j]!));
    }
    return squaredDistance(data, at, this.#origin, 0, this.#dim);
  }
}

function squaredDistance(
  data: Float32Array,
  at: number,
  other: Float32Array,
  otherAt: number,
  dim: number,
): number {
  const square = (j: number): number => (data[at + j]! - other[otherAt + j]!) ** 2;
  const whole = dim - (dim % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let j = 0; j < whole; j += 4) {
    a += square(j);
    b += square(j + 1);
    c += square(j + 2);
    d += square(j + 3);
  }
  let sum = a + b + (c + d);
  for (let j = whole; j < dim; j++) sum += square(j);
  return sum;
}
