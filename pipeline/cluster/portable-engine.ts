import { setImmediate } from "node:timers/promises";
import type { Engine, EngineShape } from "./engine.ts";

/**
 * The plain version of an engine: JavaScript, sums in float64. The reference in the tests, and the
 * fallback where no native module loads (about 50 times slower than onnxruntime).
 */
export class PortableEngine implements Engine {
  readonly batch: Float32Array;
  readonly labels: Uint32Array;
  readonly scores: Float32Array;
  readonly #dim: number;
  #centroids = new Float32Array(0);
  #biases = new Float32Array(0);

  constructor({ dim, blockRows }: EngineShape) {
    this.#dim = dim;
    this.batch = new Float32Array(blockRows * dim);
    this.labels = new Uint32Array(blockRows);
    this.scores = new Float32Array(blockRows);
  }

  load(centroids: Float32Array, biases: Float32Array): void {
    this.#centroids = centroids.slice();
    this.#biases = biases.slice();
  }

  async nearest(rows: number): Promise<void> {
    for (let row = 0; row < rows; row++) {
      let best = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < this.#biases.length; k++) {
        const score = dot(this.batch, row, this.#centroids, k, this.#dim) + this.#biases[k]!;
        if (score > best) {
          best = score;
          this.labels[row] = k;
        }
      }
      this.scores[row] = best;
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

function dot(a: Float32Array, rowA: number, b: Float32Array, rowB: number, dim: number): number {
  const startA = rowA * dim;
  const startB = rowB * dim;
  let sum = 0;
  for (let j = 0; j < dim; j++) sum += a[startA + j]! * b[startB + j]!;
  return sum;
}
