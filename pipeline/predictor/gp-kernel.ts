/** The covariances of a Gaussian process, for blocks of mixtures at a time: one by one, most of the time goes into calls. */
import { dotRows } from "../math/cholesky.ts";
import { interpolateMatern52 } from "../math/matern.ts";
import { settingIndex } from "./gp-likelihood.ts";

/** signal * Matern52(r) + linear * <x, x'>, r^2 = sum of ((x_j - x'_j) * inverseLengths_j)^2. */
export interface GpKernel {
  readonly signal: number;
  readonly linear: number;
  readonly inverseLengths: Float64Array;
  /** Variance that one measurement adds. */
  readonly noise: number;
}

export function kernelOf(settings: Float64Array, domains: number): GpKernel {
  const { signal, noise, linear, scale, delta } = settingIndex;
  return {
    signal: Math.exp(settings[signal]!),
    linear: Math.exp(settings[linear]!) / domains,
    inverseLengths: Float64Array.from({ length: domains }, (_, domain) =>
      Math.exp(-settings[scale]! - settings[delta + domain]!),
    ),
    noise: Math.exp(settings[noise]!),
  };
}

/** Rows whose covariances are held at a time. */
const blockRows = 64;

/** Rows of features, block by block, each with the index of its first row. */
export function* rowBlocks(kernel: GpKernel, x: Float64Array): Generator<[number, KernelRows]> {
  const domains = kernel.inverseLengths.length;
  for (let first = 0; first * domains < x.length; first += blockRows) {
    yield [first, kernelRows(kernel, x.subarray(first * domains, (first + blockRows) * domains))];
  }
}

/** Room for the covariances of a block with `known`. */
export function blockOf(x: Float64Array, { rows, domains }: KernelRows): Float64Array {
  return new Float64Array(Math.min(blockRows, x.length / domains) * rows);
}

/** Rows of features as a kernel needs them. */
export interface KernelRows {
  /** rows * domains. */
  readonly x: Float64Array;
  readonly rows: number;
  readonly domains: number;
  /** x in length scales, and each row's squared norm there. */
  readonly scaled: Float64Array;
  readonly squares: Float64Array;
}

export function kernelRows({ inverseLengths }: GpKernel, x: Float64Array): KernelRows {
  const domains = inverseLengths.length;
  const rows = x.length / domains;
  const scaled = new Float64Array(x.length);
  const squares = new Float64Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let square = 0;
    for (let domain = 0; domain < domains; domain++, at++) {
      const value = x[at]! * inverseLengths[domain]!;
      scaled[at] = value;
      square += value * value;
    }
    squares[row] = square;
  }
  return { x, rows, domains, scaled, squares };
}

/** Matern52 of the distances of all `others` to all of `known`: others.rows * known.rows. */
export function fillShapes(others: KernelRows, known: KernelRows, out: Float64Array): void {
  const dots = new Float64Array(4);
  const { rows, domains, scaled, squares } = known;
  for (let i = 0; i < others.rows; i++) {
    const square = others.squares[i]!;
    const at = i * rows;
    for (let j = 0; j < rows; j += 4) {
      const width = Math.min(4, rows - j);
      dotRows(others.scaled, i * domains, scaled, j * domains, domains, width, domains, dots);
      // |a - b|^2 = |a|^2 + |b|^2 - 2 <a, b>: its rounding is harmless, the kernel being smooth in it.
      for (let k = 0; k < width; k++) {
        out[at + j + k] = Math.max(0, square + squares[j + k]! - 2 * dots[k]!);
      }
    }
  }
  interpolateMatern52(out, others.rows * rows);
}

/** The covariances of the same, without noise. */
export function fillCovariances(
  { signal, linear }: GpKernel,
  others: KernelRows,
  known: KernelRows,
  out: Float64Array,
): void {
  fillShapes(others, known, out);
  const dots = new Float64Array(4);
  const { rows, domains, x } = known;
  for (let i = 0; i < others.rows; i++) {
    const at = i * rows;
    for (let j = 0; j < rows; j += 4) {
      const width = Math.min(4, rows - j);
      dotRows(others.x, i * domains, x, j * domains, domains, width, domains, dots);
      for (let k = 0; k < width; k++) out[at + j + k] = signal * out[at + j + k]! + linear * dots[k]!;
    }
  }
}

/** The variance of each row's noise-free value before anything is known. */
export function priorVariances({ signal, linear }: GpKernel, { x, rows, domains }: KernelRows): Float64Array {
  const variances = new Float64Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let square = 0;
    for (let domain = 0; domain < domains; domain++, at++) square += x[at]! * x[at]!;
    variances[row] = signal + linear * square;
  }
  return variances;
}
