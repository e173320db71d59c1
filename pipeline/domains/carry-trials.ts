import type { Trial } from "../schema/search.ts";
import type { CarriedTrial } from "../schema/recluster.ts";
import type { Overlap } from "./compare-domains.ts";
import { sum } from "./kept-clusters.ts";

/** An old domain as the union of new ones. */
interface Union {
  /** Indexes of the new domains. */
  readonly parts: readonly number[];
  /** Share of a draw from the old domain that a draw from the union would replace by other documents. */
  readonly mismatch: number;
}

/**
 * Every new domain belongs to the old one that more than half of its tokens come from, if there is one. The mismatch of
 * an old domain and its union is the total variation of drawing a token from either: 1 - |both| / max(|old|, |union|).
 */
function unionsOf({ old, new: fresh, tokens, newTokens }: Overlap): Union[] {
  const parentOf = fresh.map((_, n) => old.findIndex((_, o) => tokens[o]![n]! > newTokens[n]! / 2));
  return old.map((_, o) => {
    const parts = [...fresh.keys()].filter((n) => parentOf[n] === o);
    const oldTokens = sum(tokens[o]!);
    const unionTokens = sum(parts.map((n) => newTokens[n]!));
    const shared = sum(parts.map((n) => tokens[o]![n]!));
    const larger = Math.max(oldTokens, unionTokens);
    return { parts, mismatch: larger === 0 ? 1 : 1 - shared / larger };
  });
}

/**
 * Earlier trials in terms of the new domains: an old domain's weight goes to the parts of its union by their tokens, as
 * drawing from the old domain did. A trial that gives weight to a domain with a mismatch above `tolerance` is left behind,
 * however small the weight: the first per cent of a domain moves a loss more than any later one.
 *
 * @param trials Weights over overlap.old, in its order.
 */
export function carryTrials(trials: readonly Trial[], overlap: Overlap, tolerance: number): CarriedTrial[] {
  const unions = unionsOf(overlap);
  return trials.flatMap(({ key, weights: before, losses, objective }) => {
    const mismatch = Math.max(...before.map((weight, o) => (weight > 0 ? unions[o]!.mismatch : 0)));
    if (!(mismatch <= tolerance)) return [];
    const weights = overlap.new.map(() => 0);
    before.forEach((weight, o) => {
      const { parts } = unions[o]!;
      const total = sum(parts.map((n) => overlap.newTokens[n]!));
      for (const n of parts) weights[n]! += (weight * overlap.newTokens[n]!) / total;
    });
    return [{ key, weights, losses, objective, mismatch }];
  });
}
