/**
 * How likely a Gaussian process's settings are, given what was measured. With few runs the priors decide; in particular
 * the length scales of all domains are shrunk towards a common one, without which noisy runs are overfitted.
 */
import { dotAt, factorise, invertFactorised, logDeterminant, solveFactorised } from "../math/cholesky.ts";
import { fillMatern52 } from "../math/matern.ts";
import type { SmoothFunction } from "../math/minimize.ts";
import { linearProducts, pairDifferences, type FeatureRows } from "./gp-tables.ts";

/** Settings as they are optimised: logs of variances, then each domain's log length scale as scale + delta. */
export const settingIndex = { signal: 0, noise: 1, linear: 2, scale: 3, delta: 4 } as const;

export interface GpData extends FeatureRows {
  /** Standardised, one per row. */
  readonly targets: Float64Array;
}

export interface GpPrior {
  /** Normal priors on the logs: [mean, deviation]. */
  readonly signal: readonly [number, number];
  readonly noise: readonly [number, number];
  readonly linear: readonly [number, number];
  /** Of the common log length scale; the mean is the log of the median distance between rows. */
  readonly scaleDeviation: number;
  /** How far one domain's log length scale lies from the common one. */
  readonly deltaDeviation: number;
}

export const gpPrior: GpPrior = {
  signal: [0, 1.5],
  noise: [Math.log(0.1), 2],
  linear: [Math.log(0.3), 1.5],
  scaleDeviation: 1,
  deltaDeviation: 0.4,
};

/** Added to the diagonal, so that repeated mixtures leave it positive definite. */
export const gpJitter = 1e-8;

/** Where the optimiser starts: variances 1, 0.05 and 0.3, every length scale the prior's mean. */
export function startingSettings(domains: number, scaleMean: number): Float64Array {
  const settings = new Float64Array(settingIndex.delta + domains);
  settings[settingIndex.noise] = Math.log(0.05);
  settings[settingIndex.linear] = Math.log(0.3);
  settings[settingIndex.scale] = scaleMean;
  return settings;
}

/**
 * Minus the log posterior of the settings, up to a constant:
 * y' K^-1 y / 2 + log |K| / 2 + sum of ((setting - mean) / deviation)^2 / 2, with its gradient in O(n^3 + n^2 d).
 * K = signal * Matern52(r) + linear * <x, x'> / d + (noise + jitter) I, r^2 = sum of ((x_j - x'_j) / l_j)^2.
 *
 * @param scaleMean prior mean of the common log length scale: logMedianDistance(data)
 */
export function gpObjective(data: GpData, scaleMean: number, prior: GpPrior = gpPrior): SmoothFunction {
  const { rows, domains, targets } = data;
  const differences = pairDifferences(data);
  const products = linearProducts(data);
  const pairs = (rows * (rows - 1)) / 2;
  const squared = new Float64Array(pairs);
  const shape = new Float64Array(pairs);
  const slope = new Float64Array(pairs);
  const kernel = new Float64Array(rows * rows);
  const inverse = new Float64Array(rows * rows);
  const scratch = new Float64Array(rows * rows);

  return (settings, gradient) => {
    const { signal, noise, linear, scale, delta } = settingIndex;
    const signalVariance = Math.exp(settings[signal]!);
    const noiseVariance = Math.exp(settings[noise]!);
    const linearVariance = Math.exp(settings[linear]!);
    const inverseSquares = Float64Array.from({ length: domains }, (_, domain) =>
      Math.exp(-2 * (settings[scale]! + settings[delta + domain]!)),
    );
    addColumns(differences, inverseSquares, squared.fill(0));
    fillMatern52(squared, shape, slope);
    fillKernel(kernel, shape, products, [signalVariance, linearVariance, noiseVariance + gpJitter]);
    if (!factorise(kernel, rows)) return Infinity;
    const solved = solveFactorised(kernel, rows, targets.slice());
    invertFactorised(kernel, rows, inverse, scratch);

    // G = K^-1 - a a' with a = K^-1 y: the slope along a setting is tr(G dK) / 2.
    subtractOuterProduct(inverse, solved);
    const sums = sumSlopes(inverse, shape, products, slope);
    gradient[signal] = signalVariance * sums.shape;
    gradient[noise] = (noiseVariance * sums.trace) / 2;
    gradient[linear] = linearVariance * sums.products;
    let common = 0;
    for (let domain = 0; domain < domains; domain++) {
      const along = dotAt(slope, 0, differences, domain * pairs, pairs);
      const slopeOfLength = -2 * signalVariance * inverseSquares[domain]! * along;
      gradient[delta + domain] = slopeOfLength;
      common += slopeOfLength;
    }
    gradient[scale] = common;

    let value = dotAt(targets, 0, solved, 0, rows) / 2 + logDeterminant(kernel, rows) / 2;
    const addPrior = (index: number, mean: number, deviation: number): void => {
      const distance = (settings[index]! - mean) / deviation;
      value += distance ** 2 / 2;
      gradient[index]! += distance / deviation;
    };
    addPrior(signal, ...prior.signal);
    addPrior(noise, ...prior.noise);
    addPrior(linear, ...prior.linear);
    addPrior(scale, scaleMean, prior.scaleDeviation);
    for (let domain = 0; domain < domains; domain++) addPrior(delta + domain, 0, prior.deltaDeviation);
    return value;
  };
}

/** target += sum over columns of scale * column. */
function addColumns(columns: Float64Array, scales: Float64Array, target: Float64Array): void {
  for (let column = 0; column < scales.length; column++) {
    const scale = scales[column]!;
    const offset = column * target.length;
    for (let i = 0; i < target.length; i++) target[i]! += scale * columns[offset + i]!;
  }
}

/** The lower triangle of K. */
function fillKernel(
  kernel: Float64Array,
  shape: Float64Array,
  products: Float64Array,
  [signal, linear, diagonal]: readonly [number, number, number],
): void {
  const rows = Math.sqrt(kernel.length);
  for (let i = 0, pair = 0; i < rows; i++) {
    const row = i * rows;
    for (let j = 0; j < i; j++, pair++) {
      kernel[row + j] = signal * shape[pair]! + linear * products[row + j]!;
    }
    kernel[row + i] = signal + linear * products[row + i]! + diagonal;
  }
}

/** The lower triangle of matrix - values values'. */
function subtractOuterProduct(matrix: Float64Array, values: Float64Array): void {
  const rows = values.length;
  for (let i = 0; i < rows; i++) {
    const value = values[i]!;
    for (let j = 0; j <= i; j++) matrix[i * rows + j]! -= value * values[j]!;
  }
}

/** Half the sums of G * shape, G * products and the sum of G's diagonal; multiplies each pair's slope by its G. */
function sumSlopes(
  g: Float64Array,
  shape: Float64Array,
  products: Float64Array,
  slope: Float64Array,
): { shape: number; products: number; trace: number } {
  const rows = Math.sqrt(g.length);
  let shapeSum = 0;
  let productSum = 0;
  let diagonalProducts = 0;
  let trace = 0;
  for (let i = 0, pair = 0; i < rows; i++) {
    const row = i * rows;
    for (let j = 0; j < i; j++, pair++) {
      shapeSum += g[row + j]! * shape[pair]!;
      productSum += g[row + j]! * products[row + j]!;
      slope[pair]! *= g[row + j]!;
    }
    trace += g[row + i]!;
    diagonalProducts += g[row + i]! * products[row + i]!;
  }
  return { shape: shapeSum + trace / 2, products: productSum + diagonalProducts / 2, trace };
}
