import { spearman } from "../math/stats.ts";
import type { SearchResult, Trial } from "../schema/search.ts";
import { inBitsPerByte, scoreLosses, type WeightedTargets } from "./score.ts";

/** How each task's score goes with the targets' bits per byte, over the trials that have it; nothing below three of them. */
export function taskCorrelations(
  trials: readonly Trial[],
  targets: WeightedTargets,
): SearchResult["taskCorrelations"] {
  const tasks = [...new Set(trials.flatMap(({ taskScores }) => Object.keys(taskScores ?? {})))].sort();
  return tasks.flatMap((task) => {
    const scored = trials.filter(({ taskScores }) => taskScores?.[task] !== undefined);
    if (scored.length < 3) return [];
    const scores = scored.map(({ taskScores }) => taskScores![task]!);
    const bits = scored.map(({ losses }) => scoreLosses(inBitsPerByte(losses), targets));
    const varies = Math.min(...scores) < Math.max(...scores);
    return [
      {
        task,
        trials: scored.length,
        spearman: varies ? spearman(scores, bits) : null,
        best: Math.max(...scores),
      },
    ];
  });
}
