import { InputError } from "../../core/errors.ts";
import { acquisitionCandidates, type CandidateOptions, lowestMean } from "../candidates.ts";
import { drawUnmeasured, isInformed, keepGuarded, type Proposer, toRows } from "../proposer.ts";

/** Drawing functions takes time cubic in the candidates, so only the most hopeful are drawn at. */
const mostHopeful = 400;

/**
 * Thompson sampling: each mixture of a round is where another function, drawn from what the model holds possible, is lowest.
 * Needs no bookkeeping between the picks, which suits many workers.
 */
export function thompson(options: CandidateOptions): Proposer {
  return {
    name: "thompson",
    propose(state, count, random) {
      if (!isInformed(state)) return drawUnmeasured(state, count, random.fork("start"));
      const { model } = state.predictor;
      if (model.sample === undefined || model.predictWithDeviation === undefined) {
        throw new InputError(
          `predictor ${model.name} does not say how sure it is, which Thompson sampling needs`,
          "take any other for search.predictors, or search.proposer=climb",
        );
      }
      const { domains } = state.space;
      const drawn = acquisitionCandidates(state, options, random.fork("candidates"));
      const candidates = keepGuarded(state, drawn, count);
      const { mean, deviation } = model.predictWithDeviation(toRows(candidates), domains);
      const hope = mean.map((value, i) => value - 2 * deviation[i]!);
      const hopeful = [...candidates.keys()]
        .sort((left, right) => hope[left]! - hope[right]! || left - right)
        .slice(0, Math.max(mostHopeful, count))
        .map((i) => candidates[i]!);
      const draws = model.sample(
        toRows(hopeful),
        domains,
        Math.min(count, hopeful.length),
        random.fork("functions"),
      );
      const taken = new Set<number>();
      for (const values of draws) {
        let lowest = -1;
        for (let i = 0; i < values.length; i++) {
          if (!taken.has(i) && (lowest < 0 || values[i]! < values[lowest]!)) lowest = i;
        }
        taken.add(lowest);
      }
      return [...taken].map((i) => hopeful[i]!);
    },
    recommend: (state, random) =>
      lowestMean(state, acquisitionCandidates(state, options, random.fork("answer"))),
  };
}
