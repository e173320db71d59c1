import { averageMixture, drawUnmeasured, type Proposer, rankByPrediction } from "../proposer.ts";

export interface RegmixOptions {
  /** Candidates the predictor ranks at the end. */
  readonly pool: number;
  /** The answer is the mean of this many best predicted. */
  readonly average: number;
}

/** RegMix (arXiv 2407.01492): measure blind draws, in one round or several, then average the best predicted. */
export function regmix({ pool, average }: RegmixOptions): Proposer {
  return {
    name: "regmix",
    propose: (state, count, random) => drawUnmeasured(state, count, random),
    recommend({ space, predictor }, random) {
      const all = { space, trials: [], pending: [] };
      const ranked = rankByPrediction(drawUnmeasured(all, pool, random), predictor);
      return averageMixture(ranked.slice(0, average), space);
    },
  };
}
