/**
 * Gaussian-process regression: the mean of one process on the roots and one on the logs of the weights. Of all single
 * models it orders RegMix's held-out runs best from the fewest runs, and it knows how sure it is.
 */
import { minimize, type Minimum } from "../math/minimize.ts";
import { combine, type Member } from "./combine.ts";
import {
  type Features,
  logarithm,
  squareRoot,
  standardiseFeatures,
  type WeightTransform,
} from "./features.ts";
import { gpObjective, startingSettings, type GpData } from "./gp-likelihood.ts";
import { gpPosterior, type GpPredictive } from "./gp-posterior.ts";
import { logMedianDistance } from "./gp-tables.ts";
import type { FitInput, FitPredictor, Predictor } from "./predictor.ts";
import { onStandardisedTargets } from "./standardise.ts";

export function gp(): FitPredictor {
  return onStandardisedTargets((input) => {
    const members = [gpMember(squareRoot, input), gpMember(logarithm, input)];
    return combine(
      "gp",
      members.map(({ predictor }) => predictor),
      [0.5, 0.5],
    );
  });
}

/** One Gaussian process, for standardised targets. */
export function gpMember(transform: WeightTransform, input: Omit<FitInput, "random">): Member {
  const { weights, rows, domains, targets } = input;
  const features = standardiseFeatures(transform, weights, rows, domains);
  const data: GpData = { x: features.x, rows, domains, targets };
  const posterior = gpPosterior(data, fitSettings(data).x);
  return {
    predictor: gpPredictor(posterior, features),
    leftOut: (folds) => posterior.leaveOut(folds),
  };
}

function gpPredictor(posterior: GpPredictive, features: Features): Predictor {
  return {
    name: "gp",
    predict: (mixture) => posterior.mean(features.map(mixture))[0]!,
    predictAll: (mixtures) => posterior.mean(features.map(mixtures)),
    predictWithDeviation: (mixtures) => ({
      ...posterior.predict(features.map(mixtures)),
      noise: posterior.noise,
    }),
    believe: (mixtures) => gpPredictor(posterior.believe(features.map(mixtures)), features),
    sample: (mixtures, _domains, draws, random) => posterior.sample(features.map(mixtures), draws, random),
  };
}

/** The most probable settings (Rasmussen & Williams 2006, section 5.4.1, with priors). */
export function fitSettings(data: GpData): Minimum {
  const scaleMean = logMedianDistance(data);
  return minimize(gpObjective(data, scaleMean), startingSettings(data.domains, scaleMean), {
    maxIterations: 80,
    valueTolerance: 1e-9,
  });
}
