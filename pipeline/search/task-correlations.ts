import { spearman } from "../math/stats.ts";
import type { SearchResult, Trial } from "../schema/search.ts";

/** How each task's score goes with the objective, over the trials that have it; nothing below three of them. */
export function taskCorrelations(trials: readonly Trial[]): SearchResult["taskCorrelations"] {
  const tasks = [...new Set(trials.flatMap(({ taskScores }) => Object.keys(taskScores ?? {})))].sort();
  return tasks.flatMap((task) => {
    const scored = trials.filter(({ taskScores }) => taskScores?.[task] !== undefined);
    if (scored.length < 3) return [];
    const scores = scored.map(({ taskScores }) => taskScores![task]!);
    const objectives = scored.map(({ objective }) => objective);
    const varies = Math.min(...scores) < Math.max(...scores);
    return [
      {
        task,
        trials: scored.length,
        spearman: varies ? spearman(scores, objectives) : null,
        best: Math.max(...scores),
      },
    ];
  });
}
