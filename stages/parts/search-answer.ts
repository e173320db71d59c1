/** The search's answer: three candidates for it, what it has to beat, and the table that judges between them. */
import type { StageContext } from "../../pipeline/core/stage.ts";
import type { Random } from "../../pipeline/math/random.ts";
import type { AllowedMixtures } from "../../pipeline/mixture/allowed.ts";
import type { SearchResult, Trial } from "../../pipeline/schema/search.ts";
import type { SearchOutcome } from "../../pipeline/search/climb-search.ts";
import { type FinalTable, type Finalist, finalTable } from "../../pipeline/search/final-table.ts";
import { guardExcess } from "../../pipeline/search/guards.ts";
import type { SearchSpace } from "../../pipeline/search/proposer.ts";
import { lowest } from "../../pipeline/search/score.ts";
import { confirmSeeds, confirmTargets, measureConfirm } from "./measure-finalists.ts";
import {
  proxySetting,
  type SearchInputs,
  type SearchStageConfig,
  type TrialRunner,
  withWarmStart,
} from "./measure-mixtures.ts";
import type { ProxySetting } from "./trial-shards.ts";

/** Candidates for the answer that are measured besides the trials: the predicted best and the top average. */
export const proposals = 2;

export interface Answer {
  /** Of the candidates that keep the guards best, the one that was measured lowest. */
  readonly found: Trial;
  readonly foundBy: SearchResult["foundBy"];
  readonly natural: Trial;
  /** Predicted best, top average, natural, uniform. */
  readonly finalTrials: readonly Trial[];
  /** As many random mixtures as the search spent, its two proposals included: what the same money buys without a search. */
  readonly randomTrials: readonly Trial[];
  /** Closed before the seeds are drawn that they are judged under. */
  readonly finalists: readonly Finalist[];
}

export async function chooseAnswer(
  { search }: SearchStageConfig,
  outcome: SearchOutcome,
  { allowed, space }: { allowed: AllowedMixtures; space: SearchSpace },
  evaluate: TrialRunner,
  lottery: Random,
): Promise<Answer> {
  const spent = search.rounds.reduce((total, count) => total + count, 0) + proposals;
  const randomTrials = await evaluate(Array.from({ length: spent }, () => space.sample(lottery)));
  const finalTrials = await evaluate([
    outcome.predictedBest,
    outcome.topAverage,
    allowed.natural,
    allowed.uniform,
  ]);
  const [predictedBest, topAverage, natural, uniform] = finalTrials as [Trial, Trial, Trial, Trial];
  const candidates = [
    { name: "best-measured", select: lowest(outcome.trials) },
    { name: "predicted-best", select: predictedBest },
    { name: "top-average", select: topAverage },
  ] as const;
  const excess = candidates.map(({ select }) => guardExcess(select, natural, search.guards));
  const leastExcess = Math.min(...excess);
  const found = lowest(candidates.filter((_, i) => excess[i] === leastExcess).map(({ select }) => select));
  return {
    found,
    foundBy: candidates.find(({ select }) => select === found)!.name,
    natural,
    finalTrials,
    randomTrials,
    finalists: [
      { name: "found", select: found },
      { name: "natural", select: natural },
      { name: "uniform", select: uniform },
      { name: "best-random", select: lowest(randomTrials) },
      // A judge of its own takes long; of the candidates it measures the one that was chosen.
      ...(search.confirmProxy === null ? candidates : []),
    ],
  };
}

/** The finalists on the confirm text, by the proxy that judges. */
export async function confirmAnswer(
  config: SearchStageConfig,
  inputs: SearchInputs,
  context: StageContext,
  finalists: readonly Finalist[],
  random: Random,
): Promise<{ judge: ProxySetting; confirmed: FinalTable }> {
  const { confirmProxy, proxy, resamples, objective } = config.search;
  const judging = proxySetting(config, inputs, confirmProxy ?? proxy);
  const judge = await withWarmStart(judging, "confirmWarmStart", context);
  const targets = await confirmTargets(config, judge);
  const measured = await measureConfirm(judge, context, finalists, confirmSeeds(config, finalists));
  return { judge, confirmed: finalTable(finalists, targets, measured, resamples, random, objective) };
}
