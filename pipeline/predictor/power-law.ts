/**
 * Power law of effective data: loss = c + (tau . w)^-b with tau > 0. A token of domain j helps a target as much as tau_j
 * tokens of its own text would, and none harms it. A crude law among proxies, but the order it gives is the one that
 * survives at larger models. (A floor tau_0 under the sum, as some write it, is part of every tau_j, as weights sum to 1.)
 */
import { minimize, type Minimum, type SmoothFunction } from "../math/minimize.ts";
import { mean } from "../math/stats.ts";
import { bootstrapped, type Refittable } from "./bootstrap.ts";
import { type Member, refitWithout } from "./combine.ts";
import type { FitInput, FitPredictor, Predictor } from "./predictor.ts";
import { onStandardisedTargets } from "./standardise.ts";

export interface PowerLawOptions {
  /** Residuals beyond this (in deviations of the targets) count linearly instead of squared. */
  readonly huber: number;
  /** Weights of (log b)^2 and of the mean of (log tau)^2 beside the sum over rows: what few runs leave open. */
  readonly exponentPenalty: number;
  readonly tauPenalty: number;
  readonly maxIterations: number;
}

const defaults: PowerLawOptions = { huber: 0.5, exponentPenalty: 10, tauPenalty: 1, maxIterations: 100 };

/** Keeps a row of no weight at all finite. */
const leastEffective = 1e-6;

/** How far below the lowest target (in deviations) the asymptote c starts. */
const startingGaps = [0.3, 1, 3];

type Measured = Pick<FitInput, "weights" | "rows" | "domains" | "targets">;

export function powerLaw(options: Partial<PowerLawOptions> = {}): FitPredictor {
  return onStandardisedTargets(bootstrapped((input) => refittable(input, options)));
}

/** For standardised targets. */
export function powerLawMember(input: Measured, options: Partial<PowerLawOptions> = {}): Member {
  const { predictor, refit } = refittable(input, options);
  return { predictor, leftOut: (folds) => refitWithout(input, folds, refit) };
}

function refittable(input: Measured, options: Partial<PowerLawOptions>): Refittable {
  const settings = { ...defaults, ...options };
  const parameters = fitPowerLaw(input, settings, starts(input));
  return {
    predictor: predictorOf(parameters),
    refit: (other) => predictorOf(fitPowerLaw(other, settings, [parameters])),
  };
}

/** [c, log b, log tau_1 .. log tau_domains] of the lowest loss found from the starts. */
function fitPowerLaw(
  measured: Measured,
  options: PowerLawOptions,
  from: readonly Float64Array[],
): Float64Array {
  const loss = powerLawLoss(measured, options);
  let best: Pick<Minimum, "x" | "value"> = { x: from[0]!, value: Infinity };
  for (const start of from) {
    const found = minimize(loss, start, { maxIterations: options.maxIterations, valueTolerance: 1e-10 });
    if (found.value < best.value) best = found;
  }
  return best.x;
}

function predictorOf(parameters: Float64Array): Predictor {
  const c = parameters[0]!;
  const b = Math.exp(parameters[1]!);
  const tau = parameters.subarray(2).map(Math.exp);
  return {
    name: "power-law",
    predict(weights) {
      let effective = leastEffective;
      for (let domain = 0; domain < tau.length; domain++) effective += tau[domain]! * weights[domain]!;
      return c + effective ** -b;
    },
  };
}

/**
 * Mean Huber loss plus the penalties over the number of rows, as a function of [c, log b, log tau_1 .. log tau_domains].
 * Exported for the test of its gradient.
 */
export function powerLawLoss(
  { weights, rows, domains, targets }: Measured,
  { huber, exponentPenalty, tauPenalty }: PowerLawOptions,
): SmoothFunction {
  return (parameters, gradient) => {
    gradient.fill(0);
    const b = Math.exp(parameters[1]!);
    const tau = parameters.subarray(2).map(Math.exp);
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const offset = row * domains;
      let effective = leastEffective;
      for (let domain = 0; domain < domains; domain++) effective += tau[domain]! * weights[offset + domain]!;
      const logEffective = Math.log(effective);
      const decay = Math.exp(-b * logEffective);
      const residual = parameters[0]! + decay - targets[row]!;
      const excess = Math.abs(residual) - huber;
      loss += excess > 0 ? huber * (huber / 2 + excess) : (residual * residual) / 2;
      const slope = Math.max(-huber, Math.min(huber, residual));
      gradient[0]! += slope;
      gradient[1]! -= slope * decay * b * logEffective;
      const perEffective = (-slope * decay * b) / effective;
      for (let domain = 0; domain < domains; domain++) {
        gradient[domain + 2]! += perEffective * tau[domain]! * weights[offset + domain]!;
      }
    }
    const addPenalty = (index: number, weight: number): void => {
      loss += (weight * parameters[index]! ** 2) / 2;
      gradient[index]! += weight * parameters[index]!;
    };
    addPenalty(1, exponentPenalty);
    for (let domain = 0; domain < domains; domain++) addPenalty(domain + 2, tauPenalty / domains);
    for (let i = 0; i < gradient.length; i++) gradient[i]! /= rows;
    return loss / rows;
  };
}

/** b = 1 and every domain alike, at the level of the targets above each of a few asymptotes. */
function starts({ domains, targets }: Measured): Float64Array[] {
  const lowest = targets.reduce((least, value) => Math.min(least, value), Infinity);
  return startingGaps.map((gap) => {
    const c = lowest - gap;
    const level = mean(targets.map((value) => Math.log(value - c)));
    return Float64Array.of(c, 0, ...new Float64Array(domains).fill(-level));
  });
}
