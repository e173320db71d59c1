import { setImmediate } from "node:timers/promises";
import type { Engine, EngineShape, Int8Engine, Int8EngineShape } from "./engine.ts";
import { pointZero } from "./quantise.ts";

/**
 * The plain version of an engine: JavaScript, sums in float64. The reference in the tests, and the
 * fallback where no native module loads (about 50 times slower than onnxruntime).
 */
export class PortableEngine implements Engine {
  readonly labels: Uint32Array;
  readonly #dim: number;
  #centroids = new Float32Array(0);
  #biases = new Float32Array(0);

  constructor({ dim, blockRows }: EngineShape) {
    this.#dim = dim;
    this.labels = new Uint32Array(blockRows);
  }

  load(centroids: Float32Array, biases: Float32Array): void {
    this.#centroids = centroids.slice();
    this.#biases = biases.slice();
  }

  async nearest(points: Float32Array, rows: number): Promise<void> {
    for (let row = 0; row < rows; row++) {
      takeBest(
        this.labels,
        row,
        this.#biases.length,
        (k) => dot(points, row, this.#centroids, k, this.#dim) + this.#biases[k]!,
      );
    }
    // The event loop turns once a block, so that an abort signal is heard on the main thread too.
    await setImmediate();
  }

  async products(
    points: Float32Array,
    rows: number,
    others: Float32Array,
    count: number,
  ): Promise<Float32Array> {
    const products = new Float32Array(rows * count);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < count; k++) products[row * count + k] = dot(points, row, others, k, this.#dim);
    }
    await setImmediate();
    return products;
  }

  async close(): Promise<void> {}
}

/** The plain version of the eight-bit engine: the same bits as onnxruntime's, since its sums are integers. */
export class PortableInt8Engine implements Int8Engine {
  readonly #shape: Int8EngineShape;
  #codes = new Int8Array(0);

  constructor(shape: Int8EngineShape) {
    this.#shape = shape;
  }

  load(codes: Int8Array): void {
    this.#codes = codes.slice();
  }

  async products(codes: Uint8Array, rows: number): Promise<void> {
    const { dim, columns, sums } = this.#shape;
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < columns; k++) {
        let sum = 0;
        for (let j = 0; j < dim; j++) {
          sum += (codes[row * dim + j]! - pointZero) * this.#codes[j * columns + k]!;
        }
        sums[row * columns + k] = sum;
      }
    }
    await setImmediate();
  }

  async close(): Promise<void> {}
}

function takeBest(
  labels: Uint32Array,
  row: number,
  clusters: number,
  scoreOf: (cluster: number) => number,
): void {
  let best = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < clusters; k++) {
    const score = scoreOf(k);
    if (score > best) {
      best = score;
      labels[row] = k;
    }
  }
}

function dot(a: Float32Array, rowA: number, b: Float32Array, rowB: number, dim: number): number {
  const startA = rowA * dim;
  const startB = rowB * dim;
  let sum = 0;
  for (let j = 0; j < dim; j++) sum += a[startA + j]! * b[startB + j]!;
  return sum;
}
