import type { Engine } from "./engine.ts";

/** The points that greedy k-means++ looks at, in shared memory. */
export interface Sample {
  /** Less the job's origin; rows * dim. */
  readonly data: Float32Array<SharedArrayBuffer>;
  readonly rows: number;
  readonly dim: number;
  readonly trials: number;
  /** trials * dim: what the sample is compared with next. */
  readonly candidates: Float32Array<SharedArrayBuffer>;
  /** rows * trials: scalar products with the candidates. */
  readonly products: Float32Array<SharedArrayBuffer>;
}

interface Block {
  readonly first: number;
  readonly rows: number;
  /** A copy of its own: engines cannot read shared memory, and the sample is read once for every centroid. */
  readonly data: Float32Array;
}

/** One thread's part of the sample: blocks index, index + of, ... */
export class SampleScorer {
  readonly #sample: Sample;
  readonly #engine: Engine;
  readonly #blocks: Block[] = [];

  constructor(sample: Sample, engine: Engine, blockRows: number, index: number, of: number) {
    this.#sample = sample;
    this.#engine = engine;
    const { data, dim } = sample;
    for (let first = index * blockRows; first < sample.rows; first += of * blockRows) {
      const rows = Math.min(blockRows, sample.rows - first);
      this.#blocks.push({ first, rows, data: data.slice(first * dim, (first + rows) * dim) });
    }
  }

  async score(): Promise<void> {
    const { trials, products } = this.#sample;
    const candidates = this.#sample.candidates.slice();
    for (const { first, rows, data } of this.#blocks) {
      products.set(await this.#engine.products(data, rows, candidates, trials), first * trials);
    }
  }
}
