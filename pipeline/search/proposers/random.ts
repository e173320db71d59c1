import { bestMeasured, drawGuarded, type Proposer } from "../proposer.ts";

/** Blind draws; the answer is the best of them. What the same proxies buy without a search. */
export function random(): Proposer {
  return { name: "random", propose: drawGuarded, recommend: bestMeasured };
}
