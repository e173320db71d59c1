import type { FinalMixture, SearchResult } from "../schema/search.ts";
import type { Finalist } from "./final-table.ts";
import { lowest } from "./score.ts";

/**
 * What is followed to larger sizes: natural first, then found and the search's own trial of the lowest objective, which the
 * final table does not hold where a proxy of its own measured that.
 */
export function scaleFinalists({
  final,
  rounds,
  trials,
}: Pick<SearchResult, "final" | "rounds" | "trials">): Finalist[] {
  const keys = new Set(rounds.flatMap((round) => round.trials));
  const bestMeasured = lowest(trials.filter(({ key }) => keys.has(key)));
  const row = (name: FinalMixture["name"]) => asFinalist(final.find((of) => of.name === name)!);
  return [row("natural"), row("found"), { name: "best-measured", select: bestMeasured }];
}

function asFinalist({ name, weights, selectObjective, drawnTokens, epochs }: FinalMixture): Finalist {
  const select = {
    key: name,
    weights,
    losses: [],
    objective: selectObjective,
    drawnTokens,
    epochs,
  };
  return { name, select };
}
