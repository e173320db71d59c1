import type { Random } from "../../math/random.ts";
import {
  drawUnmeasured,
  isInformed,
  keepGuarded,
  type Mixture,
  type Proposer,
  rankByPrediction,
  type SearchSpace,
} from "../proposer.ts";

export interface ClimbOptions {
  /** Candidates ranked in each round after the first. */
  readonly pool: number;
  /** The next round is drawn from this many best predicted; null is max(count^2, 128), the recipe's. */
  readonly top: number | null;
  /** How pools are drawn, where not as the first round is. */
  readonly samplePool?: (random: Random) => Mixture;
}

/**
 * The paper's proposer (section 3.2, equation 3): rank an unmeasured pool by the predictor, take the top N, draw M of them
 * at random. The answer is the best predicted.
 */
export function climb({ pool, top, samplePool }: ClimbOptions): Proposer {
  const ofPool = <State extends { readonly space: SearchSpace }>(state: State): State =>
    samplePool === undefined ? state : { ...state, space: { ...state.space, sample: samplePool } };
  return {
    name: "climb",
    propose(state, count, random) {
      if (!isInformed(state)) return drawUnmeasured(state, count, random.fork("start"));
      const unmeasured = drawUnmeasured(ofPool(state), pool, random.fork("pool"));
      const ranked = rankByPrediction(keepGuarded(state, unmeasured, count), state.predictor);
      const best = Math.min(ranked.length, Math.max(count, top ?? Math.max(count * count, 128)));
      const picks = random.fork("pick").sampleWithoutReplacement(best, Math.min(count, best));
      return picks.sort((left, right) => left - right).map((pick) => ranked[pick]!);
    },
    recommend(state, random) {
      const all = drawUnmeasured(ofPool({ ...state, trials: [], pending: [] }), pool, random.fork("answer"));
      return rankByPrediction(keepGuarded(state, all, 1), state.predictor)[0]!;
    },
  };
}
