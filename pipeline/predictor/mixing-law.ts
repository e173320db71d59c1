/**
 * The data mixing law, c + exp(b + t . w), with a prior and a posterior. Most domains serve a target about alike and a few
 * serve it much better or worse, so t has a prior with heavy tails around its common value (which is part of b): that
 * finds the few from noisy runs without shrinking them, and says how sure it is of the others.
 */
import { dotAt, factorise, invertFactorised } from "../math/cholesky.ts";
import { dampedNewton } from "../math/damped-newton.ts";
import { mean } from "../math/stats.ts";
import { type Member, refitWithout } from "./combine.ts";
import type { FitInput, FitPredictor, Predictor } from "./predictor.ts";
import { onStandardisedTargets } from "./standardise.ts";

/** Residuals beyond this (in deviations of the targets) count linearly instead of squared. */
const huber = 0.5;

/**
 * Scales of the Cauchy prior of each t, the last one being the prior: narrow ones have several modes, and following the
 * mode from wide to narrow (graduated non-convexity, Blake & Zisserman 1987) ends in a good one.
 */
const tScales = [8, 4, 2, 1];

/** Precision of the normal priors of c and b: hardly any, they keep equal targets from leaving the two undecided. */
const levelPrecision = 1e-4;

/** How far below the lowest target (in deviations) the asymptote c starts. */
const startingGap = 1;

/** Variance of the noise: where it starts, and its least, since targets are standardised and no measurement is exact. */
const [startingNoise, leastNoise] = [0.1, 1e-4];

/** Further rounds in which the noise may settle. */
const noiseRounds = 3;

/**
 * Growth is followed to so many times the largest of the rows, and the exponent's variance to this: beyond, the law would only
 * say "bad" and "in doubt" by ever more powers of ten.
 */
const followedGrowth = 3;
const followedVariance = 9;

/** At least this share of the rows counts as free to show the noise. */
const leastFree = 0.3;

type Measured = Pick<FitInput, "weights" | "rows" | "domains" | "targets">;

export interface Law {
  /** [c, b, t_1 .. t_domains] */
  readonly parameters: Float64Array;
  /** Of their posterior. */
  readonly covariance: Float64Array;
  /** Variance of one measurement's noise. */
  readonly noise: number;
  /** Largest exp(b + t . w) of the rows. */
  readonly largestGrowth: number;
}

export function mixingLaw(): FitPredictor {
  return onStandardisedTargets((input) => mixingLawMember(input).predictor);
}

/** For standardised targets. */
export function mixingLawMember(input: Measured): Member {
  const law = fitMixingLaw(input);
  return {
    predictor: predictorOf(law),
    leftOut: (folds) => refitWithout(input, folds, (seen) => predictorOf(fitMixingLaw(seen))),
  };
}

/** The most probable law; its noise is that of the residuals, less what the law's own freedom takes of them. */
export function fitMixingLaw(measured: Measured): Law {
  let parameters = startOf(measured);
  let noise = startingNoise;
  const size = parameters.length;
  for (let round = 0; ; round++) {
    const loss = mixingLawLoss(measured, noise, tScales[round] ?? tScales.at(-1)!);
    parameters = dampedNewton(loss, parameters, { maxIterations: 25, valueTolerance: 1e-7 });
    const { curvature, ofRows, squares, counted, largestGrowth } = loss.slopes(parameters);
    const inverse = invertDefinite(curvature, size);
    const freedom = ofRows.reduce((sum, value, i) => sum + value * inverse[i]!, 0);
    const next = Math.max(leastNoise, squares / Math.max(counted - freedom, counted * leastFree));
    const settled = round >= tScales.length - 1 && Math.abs(Math.log(next / noise)) < 0.02;
    if (settled || round >= tScales.length + noiseRounds) {
      return { parameters, covariance: inverse.map((value) => noise * value), noise, largestGrowth };
    }
    noise = next;
  }
}

/** A level above an asymptote below all targets, and every domain alike. */
function startOf({ domains, targets }: Measured): Float64Array {
  const c = targets.reduce((least, value) => Math.min(least, value), Infinity) - startingGap;
  return Float64Array.of(c, mean(targets.map((value) => Math.log(value - c))), ...new Float64Array(domains));
}

/**
 * Huber loss of the rows plus noise times minus the log prior, as a function of [c, b, t_1 .. t_domains]: with least squares'
 * curvature of the rows, that of the rows alone (both triangles), and the rows' weighted squares and number, a row beyond
 * the Huber bound weighing less. Exported for the test of its gradient.
 */
export function mixingLawLoss({ weights, rows, domains, targets }: Measured, noise: number, tScale: number) {
  const size = domains + 2;
  const growthOf = (parameters: Float64Array, row: number): number => {
    let exponent = parameters[1]!;
    for (let domain = 0; domain < domains; domain++) {
      exponent += parameters[domain + 2]! * weights[row * domains + domain]!;
    }
    return Math.exp(exponent);
  };
  return {
    value: (parameters: Float64Array): number => {
      let loss = (noise * levelPrecision * (parameters[0]! ** 2 + parameters[1]! ** 2)) / 2;
      for (let i = 2; i < size; i++) loss += noise * Math.log1p((parameters[i]! / tScale) ** 2);
      for (let row = 0; row < rows; row++) {
        const size = Math.abs(parameters[0]! + growthOf(parameters, row) - targets[row]!);
        loss += size > huber ? huber * (size - huber / 2) : (size * size) / 2;
      }
      return loss;
    },
    slopes: (parameters: Float64Array) => {
      const gradient = new Float64Array(size);
      const curvature = new Float64Array(size * size);
      const jacobian = new Float64Array(size);
      let squares = 0;
      let counted = 0;
      let largestGrowth = 0;
      for (let row = 0; row < rows; row++) {
        const growth = growthOf(parameters, row);
        largestGrowth = Math.max(largestGrowth, growth);
        fillJacobian(jacobian, growth, weights, row * domains);
        const residual = parameters[0]! + growth - targets[row]!;
        const weight = Math.min(1, huber / Math.abs(residual));
        squares += weight * residual * residual;
        counted += weight;
        for (let i = 0; i < size; i++) {
          const slope = weight * jacobian[i]!;
          gradient[i]! += slope * residual;
          if (slope !== 0) for (let j = 0; j <= i; j++) curvature[i * size + j]! += slope * jacobian[j]!;
        }
      }
      for (let i = 0; i < size; i++)
        for (let j = 0; j < i; j++) curvature[j * size + i] = curvature[i * size + j]!;
      const ofRows = curvature.slice();
      for (let i = 0; i < size; i++) {
        // Of log(1 + t^2 / s^2), the parabola that lies above it and touches it here.
        const precision = i < 2 ? levelPrecision : 2 / (tScale ** 2 + parameters[i]! ** 2);
        gradient[i]! += noise * precision * parameters[i]!;
        curvature[i * size + i]! += noise * precision;
      }
      return { gradient, curvature, ofRows, squares, counted, largestGrowth };
    },
  };
}

/** Slopes of c + growth along c, b and t, at the weights from `offset` on. */
function fillJacobian(
  jacobian: Float64Array,
  growth: number,
  weights: ArrayLike<number>,
  offset: number,
): void {
  jacobian[0] = 1;
  jacobian[1] = growth;
  for (let i = 2; i < jacobian.length; i++) jacobian[i] = growth * weights[offset + i - 2]!;
}

/** The inverse, both triangles. */
function invertDefinite(matrix: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  if (!factorise(matrix, size)) throw new RangeError("the law's curvature should be positive definite");
  invertFactorised(matrix, size, inverse, new Float64Array(size * size));
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) inverse[j * size + i] = inverse[i * size + j]!;
  return inverse;
}

/**
 * Means to the second order in the exponent's variance: what is not known of a domain makes much of it look worse, since the
 * law is convex. Deviations to the first.
 *
 * @param covariance what deviations go by; shrinks when measurements are believed
 */
function predictorOf(law: Law, covariance = law.covariance): Predictor {
  const { parameters, noise } = law;
  const size = parameters.length;
  const jacobian = new Float64Array(size);
  const at = (weights: ArrayLike<number>, offset: number): { mean: number; slope: number } => {
    let exponent = parameters[1]!;
    for (let i = 2; i < size; i++) exponent += parameters[i]! * weights[offset + i - 2]!;
    const growth = Math.min(Math.exp(exponent), followedGrowth * law.largestGrowth);
    fillJacobian(jacobian, 1, weights, offset);
    jacobian[0] = 0;
    const variance = quadraticForm(law.covariance, jacobian);
    const followed = Math.min(variance, followedVariance);
    return {
      mean: parameters[0]! + growth * (1 + followed / 2),
      slope: variance > followed ? growth * Math.sqrt(followed / variance) : growth,
    };
  };
  return {
    name: "mixing-law",
    predict: (weights) => at(weights, 0).mean,
    predictWithDeviation(rows, domains) {
      const means = new Float64Array(rows.length / domains);
      const deviation = means.map((_, row) => {
        const { mean, slope } = at(rows, row * domains);
        means[row] = mean;
        fillJacobian(jacobian, slope, rows, row * domains);
        return Math.sqrt(Math.max(0, quadraticForm(covariance, jacobian)));
      });
      return { mean: means, deviation, noise: Math.sqrt(noise) };
    },
    sample(rows, domains, draws, random) {
      const points = Array.from({ length: rows.length / domains }, (_, row) => at(rows, row * domains));
      const factor = covariance.slice();
      // What is known exactly, within rounding, does not vary.
      for (let i = 0; i < size; i++) factor[i * size + i]! += 1e-12 * (1 + factor[i * size + i]!);
      if (!factorise(factor, size)) throw new RangeError("a covariance should be positive definite");
      return Array.from({ length: draws }, () => {
        const normals = parameters.map(() => random.normal());
        const away = normals.map((_, i) => dotAt(factor, i * size, normals, 0, i + 1));
        return Float64Array.from(points, ({ mean, slope }, row) => {
          fillJacobian(jacobian, slope, rows, row * domains);
          return mean + dotAt(jacobian, 0, away, 0, size);
        });
      });
    },
    believe(rows, domains) {
      let known = covariance;
      for (let offset = 0; offset < rows.length; offset += domains) {
        fillJacobian(jacobian, at(rows, offset).slope, rows, offset);
        known = withMeasurement(known, jacobian, noise);
      }
      return predictorOf(law, known);
    },
  };
}

/** The covariance after one more measurement (Kalman 1960): C - C j (C j)' / (j' C j + noise). */
function withMeasurement(covariance: Float64Array, jacobian: Float64Array, noise: number): Float64Array {
  const size = jacobian.length;
  const along = jacobian.map((_, i) => dotAt(covariance, i * size, jacobian, 0, size));
  const total = dotAt(along, 0, jacobian, 0, size) + noise;
  return covariance.map((value, i) => value - (along[Math.floor(i / size)]! * along[i % size]!) / total);
}

/** x' matrix x. */
function quadraticForm(matrix: Float64Array, x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    if (x[i] !== 0) sum += x[i]! * dotAt(matrix, i * x.length, x, 0, x.length);
  }
  return sum;
}
