/**
 * The data mixing law (Ye et al., arXiv 2403.16952): loss = c + exp(b + t . w). One exponential of a linear function of
 * the weights, so it needs few runs and extrapolates smoothly; it can not bend two ways.
 */
import { minimize, type Minimum } from "../math/minimize.ts";
import { bootstrapped, type Refittable } from "./bootstrap.ts";
import type { FitInput, FitPredictor, Predictor } from "./predictor.ts";
import { onStandardisedTargets } from "./standardise.ts";

export interface LogLinearOptions {
  /** Residuals beyond this (in deviations of the targets) count linearly instead of squared. */
  readonly huber: number;
  /** Weight of the mean of t^2, which keeps t sane where there are fewer rows than domains. */
  readonly ridge: number;
  /** Random starts, besides those from linear fits. */
  readonly randomStarts: number;
  readonly maxIterations: number;
}

const defaults: LogLinearOptions = { huber: 0.5, ridge: 1e-5, randomStarts: 2, maxIterations: 100 };

/** How far below the lowest target (in deviations) the asymptote c starts. */
const startingGaps = [0.3, 1, 3];

export function logLinear(options: Partial<LogLinearOptions> = {}): FitPredictor {
  const settings = { ...defaults, ...options };
  return onStandardisedTargets(bootstrapped((input) => fitLogLinear(input, settings)));
}

function fitLogLinear(input: FitInput, options: LogLinearOptions): Refittable {
  const parameters = lowestFrom(input, options, starts(input, options));
  return {
    predictor: predictorOf(parameters),
    refit: (other) => predictorOf(lowestFrom(other, options, [parameters])),
  };
}

/** [c, b, t_1 .. t_domains] of the lowest loss found from the starts. */
function lowestFrom(
  input: Omit<FitInput, "random">,
  options: LogLinearOptions,
  from: Iterable<Float64Array>,
): Float64Array {
  const loss = logLinearLoss(input, options);
  let best: Pick<Minimum, "x" | "value"> = { x: new Float64Array(input.domains + 2), value: Infinity };
  for (const start of from) {
    const found = minimize(loss, start, { maxIterations: options.maxIterations, valueTolerance: 1e-9 });
    if (found.value < best.value) best = found;
  }
  return best.x;
}

function predictorOf(parameters: Float64Array): Predictor {
  const [c, b] = [parameters[0]!, parameters[1]!];
  const t = parameters.subarray(2);
  return {
    name: "log-linear",
    predict(weights) {
      let exponent = b;
      for (let domain = 0; domain < t.length; domain++) exponent += t[domain]! * weights[domain]!;
      return c + Math.exp(exponent);
    },
  };
}

/**
 * Mean Huber loss plus ridge * mean(t^2), as a function of [c, b, t_1 .. t_domains]. Exported for the test of its
 * gradient.
 */
export function logLinearLoss(
  { weights, rows, domains, targets }: Pick<FitInput, "weights" | "rows" | "domains" | "targets">,
  { huber, ridge }: Pick<LogLinearOptions, "huber" | "ridge">,
) {
  return (parameters: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const offset = row * domains;
      let exponent = parameters[1]!;
      for (let domain = 0; domain < domains; domain++) {
        exponent += parameters[domain + 2]! * weights[offset + domain]!;
      }
      const growth = Math.exp(exponent);
      const residual = parameters[0]! + growth - targets[row]!;
      const excess = Math.abs(residual) - huber;
      loss += excess > 0 ? huber * (huber / 2 + excess) : (residual * residual) / 2;
      const slope = Math.max(-huber, Math.min(huber, residual));
      gradient[0]! += slope;
      gradient[1]! += slope * growth;
      for (let domain = 0; domain < domains; domain++) {
        gradient[domain + 2]! += slope * growth * weights[offset + domain]!;
      }
    }
    for (let i = 0; i < gradient.length; i++) gradient[i]! /= rows;
    loss /= rows;
    for (let domain = 0; domain < domains; domain++) {
      const t = parameters[domain + 2]!;
      loss += (ridge * t * t) / domains;
      gradient[domain + 2]! += (2 * ridge * t) / domains;
    }
    return loss;
  };
}

/** For a known c the law is linear in log(y - c): a linear fit for each of a few c, then random ones. */
function* starts(input: FitInput, options: LogLinearOptions): Generator<Float64Array> {
  const { domains, targets, random } = input;
  const lowest = targets.reduce((least, value) => Math.min(least, value), Infinity);
  for (const gap of startingGaps) {
    const c = lowest - gap;
    const logs = targets.map((value) => Math.log(value - c));
    yield Float64Array.of(c, ...fitLine(input, logs, options.ridge));
  }
  for (let restart = 0; restart < options.randomStarts; restart++) {
    const start = new Float64Array(domains + 2).map(() => random.normal());
    start[0] = lowest - Math.exp(random.normal());
    yield start;
  }
}

/** [b, t_1 .. t_domains] of the ridge regression of `values` on the weights. */
function fitLine(input: FitInput, values: Float64Array, ridge: number): Float64Array {
  const { weights, rows, domains } = input;
  const squares = (line: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const offset = row * domains;
      let residual = line[0]! - values[row]!;
      for (let domain = 0; domain < domains; domain++)
        residual += line[domain + 1]! * weights[offset + domain]!;
      loss += (residual * residual) / 2 / rows;
      gradient[0]! += residual / rows;
      for (let domain = 0; domain < domains; domain++) {
        gradient[domain + 1]! += (residual * weights[offset + domain]!) / rows;
      }
    }
    for (let domain = 0; domain < domains; domain++) {
      const t = line[domain + 1]!;
      loss += (ridge * t * t) / domains;
      gradient[domain + 1]! += (2 * ridge * t) / domains;
    }
    return loss;
  };
  return minimize(squares, new Float64Array(domains + 1), { maxIterations: 50 }).x;
}
