import type { CodedCentroids } from "./job.ts";
import { pointZero } from "./quantise.ts";

/**
 * What is done with eight-bit codes besides their matrix product: see quantise.ts and coded-assigner.ts. All steps are in float32,
 * in a fixed order, so that every implementation gives the same bits.
 */
export interface CodeKernels {
  /** Where the products of a block's codes with the centroids' are put; blockRows * columns. */
  readonly sums: Int32Array;
  /** What `shortlist` found. */
  readonly listed: Uint32Array;
  /** What codes are relative to (dim), and their step. */
  loadOrigin(origin: Float32Array, quantum: number): void;
  /**
   * Codes of `rows` points (rows * dim each), and for each row |x - origin - what its codes stand for|^2 and
   * |x - origin|^2 (rows * 2): sums over the columns j mod 4, then ((0 + 1) + (2 + 3)).
   */
  quantise(points: Float32Array, rows: number, codes: Uint8Array, squares: Float32Array): void;
  /** The centroids that the block's products are with. */
  load(centroids: CodedCentroids): void;
  /** Centroid of the largest scale * sum + bias of a row, the lowest of equal ones. */
  best(row: number): number;
  /**
   * List, in their order, all centroids that may have the largest score of a row, if a score is off by no more than
   * residual * norm + length * error + slack.
   *
   * @returns how many there are
   */
  shortlist(row: number, residual: number, length: number, slack: number): number;
}

export interface CodeShape {
  readonly dim: number;
  /** Columns of the product: a multiple of sixteen. */
  readonly columns: number;
  readonly blockRows: number;
}

const { fround } = Math;

/** The plain version: JavaScript. */
export class PlainCodeKernels implements CodeKernels {
  readonly sums: Int32Array;
  readonly listed: Uint32Array;
  readonly #columns: number;
  #origin = new Float32Array(0);
  #quantum = 0;
  #centroids: CodedCentroids | undefined;

  constructor({ columns, blockRows }: CodeShape) {
    this.#columns = columns;
    this.sums = new Int32Array(blockRows * columns);
    this.listed = new Uint32Array(columns);
  }

  loadOrigin(origin: Float32Array, quantum: number): void {
    this.#origin = origin.slice();
    this.#quantum = quantum;
  }

  quantise(points: Float32Array, rows: number, codes: Uint8Array, squares: Float32Array): void {
    const dim = this.#origin.length;
    const steps = fround(1 / this.#quantum);
    const quantum = fround(this.#quantum);
    for (let row = 0; row < rows; row++) {
      const residuals = new Float32Array(4);
      const lengths = new Float32Array(4);
      for (let j = 0; j < dim; j++) {
        const offset = fround(points[row * dim + j]! - this.#origin[j]!);
        const code = Math.trunc(fround(fround(offset * steps) + (pointZero + 0.5)));
        const residual = fround(offset - fround((code - pointZero) * quantum));
        codes[row * dim + j] = code;
        residuals[j % 4]! += fround(residual * residual);
        lengths[j % 4]! += fround(offset * offset);
      }
      squares[2 * row] = totalOf(residuals);
      squares[2 * row + 1] = totalOf(lengths);
    }
  }

  load(centroids: CodedCentroids): void {
    this.#centroids = centroids;
  }

  best(row: number): number {
    let best = 0;
    let highest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < this.#columns; k++) {
      const score = this.#score(row, k);
      if (score > highest) [best, highest] = [k, score];
    }
    return best;
  }

  shortlist(row: number, residual: number, length: number, slack: number): number {
    const { norms, errors } = this.#centroids!;
    const doubt = (k: number) =>
      fround(fround(norms[k]! * fround(residual)) + fround(errors[k]! * fround(length)));
    let highest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < this.#columns; k++) {
      highest = Math.max(highest, fround(this.#score(row, k) - doubt(k)));
    }
    const least = fround(highest - fround(slack));
    let count = 0;
    for (let k = 0; k < this.#columns; k++) {
      if (fround(this.#score(row, k) + doubt(k)) >= least) this.listed[count++] = k;
    }
    return count;
  }

  #score(row: number, k: number): number {
    const { scales, biases } = this.#centroids!;
    const sum = fround(this.sums[row * this.#columns + k]!);
    return fround(fround(sum * scales[k]!) + biases[k]!);
  }
}

function totalOf([a, b, c, d]: Float32Array): number {
  return fround(fround(a! + b!) + fround(c! + d!));
}
