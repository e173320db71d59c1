/**
 * Fits see targets of mean 0 and deviation 1, and rows in an order of their own. Without the first, a penalty that is
 * sane for losses of 1 makes a constant of losses that differ by 0.01; with the second, the order in which trials
 * finished cannot matter.
 */
import { mean, populationDeviation } from "../math/stats.ts";
import {
  predictRows,
  requireFitInput,
  type FitInput,
  type FitPredictor,
  type Predictor,
} from "./predictor.ts";

/** A fit for targets in any unit from one for standardised targets. Equal targets are left at deviation 0. */
export function onStandardisedTargets(fit: FitPredictor): FitPredictor {
  return (input) => {
    requireFitInput(input);
    const sorted = inCanonicalOrder(input);
    const centre = mean(sorted.targets);
    const deviation = populationDeviation(sorted.targets);
    // Equal targets may differ from their mean by rounding: that is no variation to fit.
    const unit = deviation > 1e-12 * Math.abs(centre) ? deviation : 0;
    const targets = sorted.targets.map((value) => (unit === 0 ? 0 : (value - centre) / unit));
    // A fork depends on the stream's name, not on what was drawn: fitting twice gives the same model.
    const fitted = fit({ ...sorted, targets, random: input.random.fork("fit") });
    return inUnits(fitted, centre, unit);
  };
}

/** What a predictor of standardised targets says, as centre + unit * value. */
function inUnits(fitted: Predictor, centre: number, unit: number): Predictor {
  const convert = (standardised: Float64Array) => standardised.map((value) => centre + unit * value);
  return {
    name: fitted.name,
    predict: (mixture) => centre + unit * fitted.predict(mixture),
    predictAll: (mixtures, domains) => convert(predictRows(fitted, mixtures, domains)),
    ...(fitted.predictWithDeviation !== undefined && {
      predictWithDeviation(mixtures, domains) {
        const { mean: means, deviation, noise } = fitted.predictWithDeviation!(mixtures, domains);
        return {
          mean: convert(means),
          deviation: deviation.map((value) => unit * value),
          noise: unit * noise,
        };
      },
    }),
    ...(fitted.believe !== undefined && {
      believe: (mixtures, domains) => inUnits(fitted.believe!(mixtures, domains), centre, unit),
    }),
    ...(fitted.sample !== undefined && {
      sample: (mixtures, domains, draws, random) =>
        fitted.sample!(mixtures, domains, draws, random).map((drawn) => convert(drawn)),
    }),
  };
}

/** Rows sorted by their weights, then by target. */
function inCanonicalOrder(input: FitInput): FitInput {
  const { weights, rows, domains, targets } = input;
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  order.sort((left, right) => {
    for (let domain = 0; domain < domains; domain++) {
      const difference = weights[left * domains + domain]! - weights[right * domains + domain]!;
      if (difference !== 0) return difference;
    }
    return targets[left]! - targets[right]!;
  });
  return { ...input, ...takeRows(input, order) };
}

/** The rows with these indices, in that order. */
export function takeRows(
  { weights, domains, targets }: Pick<FitInput, "weights" | "domains" | "targets">,
  indices: ArrayLike<number>,
): Pick<FitInput, "weights" | "rows" | "targets"> {
  const taken = new Float64Array(indices.length * domains);
  const values = new Float64Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i]!;
    taken.set(weights.subarray(row * domains, (row + 1) * domains), i * domains);
    values[i] = targets[row]!;
  }
  return { weights: taken, rows: indices.length, targets: values };
}
