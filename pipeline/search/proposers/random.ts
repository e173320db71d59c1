import { bestMeasured, drawUnmeasured, type Proposer } from "../proposer.ts";

/** Blind draws; the answer is the best of them. What the same proxies buy without a search. */
export function random(): Proposer {
  return {
    name: "random",
    propose: (state, count, random) => drawUnmeasured(state, count, random),
    recommend: ({ trials }) => bestMeasured(trials),
  };
}
