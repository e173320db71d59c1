import { averageBest, drawGuarded, drawUnmeasured, type Proposer } from "../proposer.ts";

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
    propose: drawGuarded,
    recommend(state, random) {
      const drawn = drawUnmeasured({ ...state, trials: [], pending: [] }, pool, random);
      return averageBest(state, drawn, average);
    },
  };
}
