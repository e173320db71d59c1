/**
 * The default: Gaussian processes on roots and on logs, boosted trees and the power law, weighed by their precision on
 * rows they had not seen. Bends of different kinds err differently, so the mean orders mixtures better than the best of
 * them (on RegMix's training runs, at every number of runs).
 */
import { combine } from "./combine.ts";
import { logarithm, squareRoot } from "./features.ts";
import { groupedFolds } from "./folds.ts";
import { gbdtMember } from "./gbdt.ts";
import { gpMember } from "./gp.ts";
import { powerLawMember } from "./power-law.ts";
import type { FitPredictor } from "./predictor.ts";
import { onStandardisedTargets } from "./standardise.ts";

/**
 * The power law's share at the least. Proxies are smaller than the model the mixture is for, and among proxies the law
 * looks worse than it does at the larger model.
 */
const leastPowerLawShare = 0.2;

const folds = 5;

export function ensemble(): FitPredictor {
  return onStandardisedTargets((input) => {
    const { weights, rows, domains, random } = input;
    const members = [
      powerLawMember(input),
      gpMember(squareRoot, input),
      gpMember(logarithm, input),
      gbdtMember(input),
    ];
    const parts = groupedFolds(weights, rows, domains, folds, random.fork("shares"));
    const shares =
      parts.length < 2
        ? members.map(() => 1 / members.length)
        : shareByPrecision(members.map((member) => member.leftOutMse(parts)));
    return combine(
      "ensemble",
      members.map(({ predictor }) => predictor),
      shares,
    );
  });
}

/** Shares of sum 1 in proportion to 1 / mean squared error; the first, the power law's, raised to its least. */
export function shareByPrecision(meanSquaredErrors: readonly number[]): number[] {
  // The floor stands for "exact": targets are standardised, and no measurement is that good.
  const precisions = meanSquaredErrors.map((error) => 1 / Math.max(1e-12, error));
  const total = precisions.reduce((sum, precision) => sum + precision, 0);
  const [first = 0] = precisions;
  const powerLaw = Math.max(leastPowerLawShare, first / total);
  return precisions.map((precision, i) =>
    i === 0 ? powerLaw : (1 - powerLaw) * (precision / (total - first)),
  );
}
