/** The n-gram tier of a search by dearer proxies: measures mixtures by the hundred, to begin with the best and to learn from all. */
import type { StageContext } from "../../pipeline/core/stage.ts";
import type { Random } from "../../pipeline/math/random.ts";
import { measuredTrials } from "../../pipeline/predictor/choose.ts";
import { fitObjective } from "../../pipeline/predictor/objective.ts";
import type { FitPredictor } from "../../pipeline/predictor/predictor.ts";
import { predictors } from "../../pipeline/predictor/registry.ts";
import { onCheapTier } from "../../pipeline/predictor/tiers.ts";
import { NgramProxyConfig } from "../../pipeline/schema/proxy-config.ts";
import { maximin } from "../../pipeline/search/maximin.ts";
import { scoreTrials } from "../../pipeline/search/score.ts";
import { drawUnmeasured, type Mixture, type SearchSpace } from "../../pipeline/search/proposer.ts";
import { proxySetting, type SearchInputs, type SearchStageConfig, trialRunner } from "./measure-mixtures.ts";

export interface CheapTier {
  /** Good by n-grams and far from one another: half of the first round. */
  readonly starts: readonly Mixture[];
  /** The config's predictors on the trend of the n-grams, by name; cross-validation chooses between them and the plain ones. */
  readonly predictors: Readonly<Record<string, FitPredictor>>;
}

/** The share of the screened mixtures that starts are chosen from. */
const bestShare = 0.1;

/** Nothing to learn from, and no predictors besides, where the config does not ask for it. */
export async function cheapTier(
  config: SearchStageConfig,
  inputs: SearchInputs,
  space: SearchSpace,
  targetWeights: ReadonlyMap<string, number>,
  context: StageContext,
  random: Random,
): Promise<CheapTier> {
  const { prescreen, rounds, predictors: names } = config.search;
  if (prescreen === null) return { starts: [], predictors: {} };
  const ngrams = proxySetting(config, inputs, NgramProxyConfig.parse({}));
  const measure = await trialRunner(config, inputs, ngrams, context);
  const nothing = { space, trials: [], pending: [] };
  const drawn = await measure(drawUnmeasured(nothing, prescreen, random.fork("draw")));
  const natural = config.search.objective === "worst" ? (await measure([space.natural]))[0] : undefined;
  const trials = scoreTrials(drawn, config.targets, natural?.losses);
  const cheap = fitObjective(
    predictors["gbdt"]!,
    measuredTrials({ trials, targetWeights }),
    random.fork("fit"),
  );
  const best = trials
    .toSorted((left, right) => left.objective - right.objective)
    .slice(0, Math.ceil(trials.length * bestShare));
  return {
    starts: maximin(
      best.map(({ weights }) => Float64Array.from(weights)),
      [],
      Math.floor(rounds[0]! / 2),
    ),
    predictors: Object.fromEntries(
      names.map((name) => {
        const own = `${name} on n-grams`;
        return [own, onCheapTier(own, predictors[name]!, cheap.targets)];
      }),
    ),
  };
}
