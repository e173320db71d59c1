/** What a Gaussian process with given settings knows about mixtures that were not measured. */
import { dotAt, dotRows, factorise, solveFactorised, solveLower, solveLowerRows } from "../math/cholesky.ts";
import type { Random } from "../math/random.ts";
import {
  blockOf,
  fillCovariances,
  fillShapes,
  type GpKernel,
  kernelOf,
  type KernelRows,
  kernelRows,
  priorVariances,
  rowBlocks,
} from "./gp-kernel.ts";
import { gpJitter, type GpData } from "./gp-likelihood.ts";

export interface GpPredictive {
  /** Posterior mean at each row of features (count * domains). */
  mean(x: Float64Array): Float64Array;
  /** The same, with the posterior standard deviation of the noise-free value. */
  predict(x: Float64Array): { mean: Float64Array; deviation: Float64Array };
  /** Functions of the noise-free posterior, each as its values at the rows of features: O(count^3). */
  sample(x: Float64Array, draws: number, random: Random): Float64Array[];
  /** Had these rows been measured too, and turned out as predicted: means stay, deviations shrink. O(rows^2) a row. */
  believe(x: Float64Array): GpPredictive;
  /** Standard deviation that one measurement adds. */
  readonly noise: number;
}

export interface GpPosterior extends GpPredictive {
  /**
   * The mean at each measured row, from the rows outside its fold: y_F - (K^-1_FF)^-1 (K^-1 y)_F (Rasmussen & Williams
   * 2006, section 5.4.2, for more than one row). The settings stay those of all rows.
   */
  leaveOut(folds: readonly Uint32Array[]): Float64Array;
}

/** @throws RangeError if the covariance is not positive definite, which settings from gpObjective's minimum exclude */
export function gpPosterior(data: GpData, settings: Float64Array): GpPosterior {
  const { x, rows, domains, targets } = data;
  const kernel = kernelOf(settings, domains);
  const measured = kernelRows(kernel, x);
  const factor = new Float64Array(rows * rows);
  fillCovariances(kernel, measured, measured, factor);
  for (let i = 0; i < rows; i++) factor[i * rows + i]! += kernel.noise + gpJitter;
  if (!factorise(factor, rows))
    throw new RangeError(`covariance of ${rows} rows should be positive definite`);
  const solved = solveFactorised(factor, rows, targets.slice());
  const linearMean = new Float64Array(domains);
  x.forEach(
    (value, i) => (linearMean[i % domains]! += kernel.linear * value * solved[Math.floor(i / domains)]!),
  );

  const mean = (others: Float64Array): Float64Array => {
    const means = new Float64Array(others.length / domains);
    const shapes = blockOf(others, measured);
    for (const [first, asked] of rowBlocks(kernel, others)) {
      fillShapes(asked, measured, shapes);
      multiplyRows(shapes, rows, asked.rows, solved, means, first);
      for (let i = first; i < first + asked.rows; i++) {
        means[i] = kernel.signal * means[i]! + dotAt(others, i * domains, linearMean, 0, domains);
      }
    }
    return means;
  };
  return {
    ...uncertainty(kernel, { mean, solved }, { known: measured, factor }),
    leaveOut: (folds) => leaveOut(factor, solved, targets, folds),
  };
}

/** The rows that deviations go by and the factor of their covariance, noise included. */
interface Knowledge {
  readonly known: KernelRows;
  readonly factor: Float64Array;
}

interface Trend {
  readonly mean: GpPredictive["mean"];
  /** What each of the first known rows, the measured ones, weighs in a mean. */
  readonly solved: Float64Array;
}

function uncertainty(kernel: GpKernel, trend: Trend, knowledge: Knowledge): GpPredictive {
  const { mean, solved } = trend;
  const { known, factor } = knowledge;
  return {
    noise: Math.sqrt(kernel.noise),
    mean,
    predict(others) {
      const means = new Float64Array(others.length / known.domains);
      const deviation = new Float64Array(means.length);
      const block = blockOf(others, known);
      for (const [first, asked] of rowBlocks(kernel, others)) {
        fillCovariances(kernel, asked, known, block);
        multiplyRows(block, known.rows, asked.rows, solved, means, first);
        solveLowerRows(factor, known.rows, block, asked.rows);
        priorVariances(kernel, asked).forEach((variance, i) => {
          const explained = dotAt(block, i * known.rows, block, i * known.rows, known.rows);
          deviation[first + i] = Math.sqrt(Math.max(0, variance - explained));
        });
      }
      return { mean: means, deviation };
    },
    sample: (others, draws, random) => {
      const means = mean(others);
      const asked = kernelRows(kernel, others);
      const count = asked.rows;
      const block = new Float64Array(count * known.rows);
      fillCovariances(kernel, asked, known, block);
      solveLowerRows(factor, known.rows, block, count);
      const covariance = new Float64Array(count * count);
      fillCovariances(kernel, asked, asked, covariance);
      for (let i = 0; i < count; i++) {
        for (let j = 0; j <= i; j++) {
          covariance[i * count + j]! -= dotAt(block, i * known.rows, block, j * known.rows, known.rows);
        }
      }
      factoriseNearly(covariance, count, kernel.signal);
      return Array.from({ length: draws }, () => {
        const normals = Float64Array.from({ length: count }, () => random.normal());
        return means.map((value, i) => value + dotAt(covariance, i * count, normals, 0, i + 1));
      });
    },
    // A measurement that equals the mean has weight 0 in every other mean: K [a; 0] = [y; mean].
    believe: (x) => uncertainty(kernel, trend, withRows(kernel, knowledge, x)),
  };
}

/** One more row of the factor for each row of features. */
function withRows(kernel: GpKernel, { known, factor }: Knowledge, x: Float64Array): Knowledge {
  const both = new Float64Array(known.x.length + x.length);
  both.set(known.x);
  both.set(x, known.x.length);
  const extended = kernelRows(kernel, both);
  const size = extended.rows;
  const larger = new Float64Array(size * size);
  for (let i = 0; i < known.rows; i++) {
    larger.set(factor.subarray(i * known.rows, i * known.rows + i + 1), i * size);
  }
  const covariances = new Float64Array(size * (size - known.rows));
  fillCovariances(kernel, kernelRows(kernel, x), extended, covariances);
  for (let i = known.rows; i < size; i++) {
    const row = larger.subarray(i * size, (i + 1) * size);
    row.set(covariances.subarray((i - known.rows) * size, (i - known.rows + 1) * size));
    const variance = row[i]! + kernel.noise + gpJitter;
    row.fill(0, i);
    solveLower(larger, size, row.subarray(0, i));
    // What is all but known already leaves the jitter.
    row[i] = Math.sqrt(Math.max(gpJitter, variance - dotAt(row, 0, row, 0, i)));
  }
  return { known: extended, factor: larger };
}

/** out[first + i] = <row i of `matrix`, vector> for `count` rows of `stride` values, of which the vector's length counts. */
function multiplyRows(
  matrix: Float64Array,
  stride: number,
  count: number,
  vector: Float64Array,
  out: Float64Array,
  first: number,
): void {
  const dots = new Float64Array(4);
  for (let i = 0; i < count; i += 4) {
    const width = Math.min(4, count - i);
    dotRows(vector, 0, matrix, i * stride, stride, width, vector.length, dots);
    for (let k = 0; k < width; k++) out[first + i + k] = dots[k]!;
  }
}

/** The factor of a covariance that rounding or near-equal rows may have left barely short of definite. */
function factoriseNearly(covariance: Float64Array, size: number, scale: number): void {
  const before = covariance.slice();
  for (let jitter = 1e-8; ; jitter *= 10) {
    for (let i = 0; i < size; i++) covariance[i * size + i]! += jitter * scale;
    if (factorise(covariance, size)) return;
    if (jitter > 1) throw new RangeError(`covariance of ${size} rows should be nearly definite`);
    covariance.set(before);
  }
}

function leaveOut(
  factor: Float64Array,
  solved: Float64Array,
  targets: Float64Array,
  folds: readonly Uint32Array[],
): Float64Array {
  const rows = targets.length;
  const means = new Float64Array(rows);
  for (const fold of folds) {
    // Columns of L^-1 give the fold's block of K^-1 = L^-T L^-1.
    const columns = Array.from(fold, (row) => {
      const unit = new Float64Array(rows);
      unit[row] = 1;
      return solveLower(factor, rows, unit);
    });
    const block = new Float64Array(fold.length ** 2);
    columns.forEach((left, i) =>
      columns.forEach((right, j) => (block[i * fold.length + j] = dotAt(left, 0, right, 0, rows))),
    );
    if (!factorise(block, fold.length)) throw new RangeError("a block of the precision should be definite");
    const residuals = solveFactorised(
      block,
      fold.length,
      Float64Array.from(fold, (row) => solved[row]!),
    );
    fold.forEach((row, i) => (means[row] = targets[row]! - residuals[i]!));
  }
  return means;
}
