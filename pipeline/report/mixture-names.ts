import type { FinalMixture, SearchResult } from "../schema/search.ts";
import { plural } from "./format.ts";

/** What a mixture of the final table is called and what it is. */
export function describeMixture(
  name: FinalMixture["name"],
  { foundBy, randomTrials, rounds }: SearchResult,
): { title: string; meaning: string } {
  const trials = rounds.reduce((sum, round) => sum + round.trials.length, 0);
  const mixtures = {
    found: { title: "Found", meaning: `the answer: the ${mixtureTitle(foundBy)}` },
    natural: { title: "Natural", meaning: "token shares of the corpus, within the repetition cap" },
    uniform: { title: "Uniform", meaning: "every domain alike, within the repetition cap" },
    "best-random": {
      title: "Best random",
      meaning: `lowest on select of ${plural(randomTrials.length, "random mixture")}`,
    },
    "predicted-best": { title: "Predicted best", meaning: "lowest prediction in the last pool" },
    "top-average": { title: "Average of the best", meaning: "mean of the best predicted mixtures" },
    "best-measured": {
      title: "Best measured",
      meaning: `lowest on select of the search's ${plural(trials, "trial")}, in round ${roundOfBest(rounds)}`,
    },
  };
  return mixtures[name];
}

/** The round after which no trial was better. */
function roundOfBest(rounds: SearchResult["rounds"]): number {
  const best = rounds.at(-1)?.bestObjective;
  return rounds.find(({ bestObjective }) => bestObjective === best)?.round ?? 0;
}

function mixtureTitle(foundBy: SearchResult["foundBy"]): string {
  return {
    "predicted-best": "predicted best",
    "top-average": "average of the best",
    "best-measured": "best measured",
  }[foundBy];
}
