/** What a Gaussian process with given settings knows about mixtures that were not measured. */
import { dotAt, dotRows, factorise, solveFactorised, solveLower } from "../math/cholesky.ts";
import type { Random } from "../math/random.ts";
import { matern52 } from "../math/matern.ts";
import { gpJitter, settingIndex, type GpData } from "./gp-likelihood.ts";

export interface GpPosterior {
  /** Posterior mean at each row of features (count * domains). */
  mean(x: Float64Array): Float64Array;
  /** The same, with the posterior standard deviation of the noise-free value. */
  predict(x: Float64Array): { mean: Float64Array; deviation: Float64Array };
  /** Functions of the noise-free posterior, each as its values at the rows of features: O(count^3). */
  sample(x: Float64Array, draws: number, random: Random): Float64Array[];
  /** Standard deviation that one measurement adds. */
  readonly noise: number;
  /**
   * The mean at each measured row, from the rows outside its fold: y_F - (K^-1_FF)^-1 (K^-1 y)_F (Rasmussen & Williams
   * 2006, section 5.4.2, for more than one row). The settings stay those of all rows.
   */
  leaveOut(folds: readonly Uint32Array[]): Float64Array;
}

/** @throws RangeError if the covariance is not positive definite, which settings from gpObjective's minimum exclude */
export function gpPosterior(data: GpData, settings: Float64Array): GpPosterior {
  const { x, rows, domains, targets } = data;
  const { signal, noise, linear, scale, delta } = settingIndex;
  const signalVariance = Math.exp(settings[signal]!);
  const noiseVariance = Math.exp(settings[noise]!);
  const linearWeight = Math.exp(settings[linear]!) / domains;
  const inverseLengths = Float64Array.from({ length: domains }, (_, domain) =>
    Math.exp(-settings[scale]! - settings[delta + domain]!),
  );
  const shapes = maternRows(x, rows, domains, inverseLengths);
  const shape = new Float64Array(rows);

  /** Covariances of a row of features with every measured row, without noise, into `covariances`. */
  const fillCovariances = (row: Float64Array, covariances: Float64Array): void => {
    shapes(row, shape);
    for (let j = 0; j < rows; j++) {
      const product = dotAt(row, 0, x, j * domains, domains);
      covariances[j] = signalVariance * shape[j]! + linearWeight * product;
    }
  };

  const factor = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    fillCovariances(rowAt(x, i, domains), factor.subarray(i * rows, (i + 1) * rows));
    factor[i * rows + i]! += noiseVariance + gpJitter;
  }
  if (!factorise(factor, rows))
    throw new RangeError(`covariance of ${rows} rows should be positive definite`);
  const solved = solveFactorised(factor, rows, targets.slice());
  const linearMean = new Float64Array(domains);
  x.forEach(
    (value, i) => (linearMean[i % domains]! += linearWeight * value * solved[Math.floor(i / domains)]!),
  );

  return {
    noise: Math.sqrt(noiseVariance),
    mean: (others) =>
      forEachRow(others, domains, (row) => {
        shapes(row, shape);
        return signalVariance * dotAt(shape, 0, solved, 0, rows) + dotAt(row, 0, linearMean, 0, domains);
      }),
    predict(others) {
      const known = new Float64Array(rows);
      const mean = new Float64Array(others.length / domains);
      const deviation = forEachRow(others, domains, (row, i) => {
        fillCovariances(row, known);
        mean[i] = dotAt(known, 0, solved, 0, rows);
        solveLower(factor, rows, known);
        const prior = signalVariance + linearWeight * dotAt(row, 0, row, 0, domains);
        return Math.sqrt(Math.max(0, prior - dotAt(known, 0, known, 0, rows)));
      });
      return { mean, deviation };
    },
    sample(others, draws, random) {
      const count = others.length / domains;
      const knowns = Array.from({ length: count }, () => new Float64Array(rows));
      const mean = forEachRow(others, domains, (row, i) => {
        fillCovariances(row, knowns[i]!);
        const value = dotAt(knowns[i]!, 0, solved, 0, rows);
        solveLower(factor, rows, knowns[i]!);
        return value;
      });
      const among = maternRows(others, count, domains, inverseLengths);
      const covariance = new Float64Array(count * count);
      for (let i = 0; i < count; i++) {
        const row = covariance.subarray(i * count, (i + 1) * count);
        among(rowAt(others, i, domains), row);
        for (let j = 0; j <= i; j++) {
          const product = dotAt(others, i * domains, others, j * domains, domains);
          const prior = signalVariance * row[j]! + linearWeight * product;
          row[j] = prior - dotAt(knowns[i]!, 0, knowns[j]!, 0, rows);
        }
      }
      factoriseNearly(covariance, count, signalVariance);
      return Array.from({ length: draws }, () => {
        const normals = Float64Array.from({ length: count }, () => random.normal());
        return mean.map((value, i) => value + dotAt(covariance, i * count, normals, 0, i + 1));
      });
    },
    leaveOut: (folds) => leaveOut(factor, solved, targets, folds),
  };
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

/** A function that fills `shape` with Matern52 of the distances from a row of features to each row of x. */
function maternRows(x: Float64Array, rows: number, domains: number, inverseLengths: Float64Array) {
  const scaled = x.map((value, i) => value * inverseLengths[i % domains]!);
  const squares = Float64Array.from({ length: rows }, (_, j) =>
    dotAt(scaled, j * domains, scaled, j * domains, domains),
  );
  const here = new Float64Array(domains);
  const dots = new Float64Array(4);
  return (row: Float64Array, shape: Float64Array): void => {
    for (let domain = 0; domain < domains; domain++) here[domain] = row[domain]! * inverseLengths[domain]!;
    const square = dotAt(here, 0, here, 0, domains);
    for (let j = 0; j < rows; j += 4) {
      const count = Math.min(4, rows - j);
      dotRows(here, 0, scaled, j * domains, domains, count, domains, dots);
      // |a - b|^2 = |a|^2 + |b|^2 - 2 <a, b>: its rounding is harmless, the kernel being smooth in it.
      for (let k = 0; k < count; k++) {
        shape[j + k] = matern52(Math.max(0, square + squares[j + k]! - 2 * dots[k]!));
      }
    }
  };
}

function forEachRow(
  rows: Float64Array,
  domains: number,
  evaluate: (row: Float64Array, i: number) => number,
): Float64Array {
  return Float64Array.from({ length: rows.length / domains }, (_, i) => evaluate(rowAt(rows, i, domains), i));
}

function rowAt(rows: Float64Array, i: number, domains: number): Float64Array {
  return rows.subarray(i * domains, (i + 1) * domains);
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
