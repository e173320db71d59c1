/**
 * The default: Gaussian processes on roots and on logs, boosted trees, the power law and the mixing law, stacked: shares are
 * those that would have predicted left-out rows best. Bends of different kinds err differently, so the mean orders mixtures
 * better than the best of them; where a law holds it takes most of the shares, and where none does it gets hardly any.
 */
import { combine } from "./combine.ts";
import { logarithm, squareRoot } from "./features.ts";
import { groupedFolds } from "./folds.ts";
import { gbdtMember } from "./gbdt.ts";
import { gpMember } from "./gp.ts";
import { mixingLawMember } from "./mixing-law.ts";
import { powerLawMember } from "./power-law.ts";
import type { FitPredictor } from "./predictor.ts";
import { stackShares, weighGood } from "./stacking.ts";
import { onStandardisedTargets } from "./standardise.ts";

/**
 * The power law's share at the least. Proxies are smaller than the model the mixture is for, and among proxies the law
 * looks worse than it does at the larger model.
 */
const leastPowerLawShare = 0.2;

const folds = 5;

/** Equal shares count as so many rows; between 2 and 10 it hardly matters on RegMix's training runs. */
const equalRows = 4;

export function ensemble(): FitPredictor {
  return onStandardisedTargets((input) => {
    const { weights, rows, domains, targets, random } = input;
    const members = [
      powerLawMember(input),
      mixingLawMember(input),
      gpMember(squareRoot, input),
      gpMember(logarithm, input),
      gbdtMember(input),
    ];
    const least = members.map((_, i) => (i === 0 ? leastPowerLawShare : 0));
    const parts = groupedFolds(weights, rows, domains, folds, random.fork("shares"));
    const shares =
      parts.length < 2
        ? members.map(() => 1 / members.length)
        : stackShares(
            members.map((member) => member.leftOut(parts)),
            targets,
            { least, ridge: equalRows / rows, rowWeights: weighGood(targets) },
          );
    return combine(
      "ensemble",
      members.map(({ predictor }) => predictor),
      shares,
    );
  });
}
