/** The tiers below a search's own proxy: n-grams that screen mixtures by the hundred, and cheaper proxies that trials are bought of. */
import type { StageContext } from "../../pipeline/core/stage.ts";
import type { Random } from "../../pipeline/math/random.ts";
import { spearman } from "../../pipeline/math/stats.ts";
import { mixtureKey } from "../../pipeline/mixture/key.ts";
import { allPredictors, measuredTrials } from "../../pipeline/predictor/choose.ts";
import { fitObjective } from "../../pipeline/predictor/objective.ts";
import { type FitPredictor, type Predictor, predictRows } from "../../pipeline/predictor/predictor.ts";
import { onCheapTier } from "../../pipeline/predictor/tiers.ts";
import { proxyIdentity } from "../../pipeline/proxy/create-proxy.ts";
import { NgramProxyConfig } from "../../pipeline/schema/proxy-config.ts";
import type { CheaperProxyTrials, Trial } from "../../pipeline/schema/search.ts";
import type { SearchOutcome } from "../../pipeline/search/climb-search.ts";
import type { CheaperProxy } from "../../pipeline/search/cheaper-proxies.ts";
import { maximin } from "../../pipeline/search/maximin.ts";
import { scoreTrials } from "../../pipeline/search/score.ts";
import { drawUnmeasured, type Mixture, type SearchSpace } from "../../pipeline/search/proposer.ts";
import {
  proxySetting,
  tokensOf,
  type SearchInputs,
  type SearchStageConfig,
  type TrialRunner,
  trialRunner,
} from "./measure-mixtures.ts";
import type { ProxySetting } from "./trial-shards.ts";
import { trialCosts } from "./trial-costs.ts";

export interface CheaperTiers {
  /** Good by n-grams and far from one another: half of the first round. */
  readonly starts: readonly Mixture[];
  /** In the order of search.cheaper. */
  readonly proxies: readonly CheaperProxy[];
  /**
   * The config's predictors on the trend of the tiers below, by name; cross-validation chooses between them and the plain ones.
   *
   * @param trials of each of `proxies`
   */
  predictorsOn(trials: readonly (readonly Trial[])[], random: Random): Readonly<Record<string, FitPredictor>>;
  /** What was bought of each of `proxies`. */
  describe(outcome: Pick<SearchOutcome, "trials" | "cheaper">): CheaperProxyTrials[];
}

/** The share of the screened mixtures that starts are chosen from. */
const bestShare = 0.1;

/**
 * Nothing to learn from, and no predictors besides, where the config does not ask for it.
 *
 * @param settings of search.cheaper
 */
export async function cheaperTiers(
  config: SearchStageConfig,
  inputs: SearchInputs,
  settings: readonly ProxySetting[],
  space: SearchSpace,
  targetWeights: ReadonlyMap<string, number>,
  context: StageContext,
  random: Random,
): Promise<CheaperTiers> {
  const { prescreen, rounds, predictors: names, cheaper } = config.search;
  const runner = async (setting: ProxySetting): Promise<TrialRunner> => {
    const measure = await trialRunner(config, inputs, setting, context);
    const natural = config.search.objective === "worst" ? (await measure([space.natural]))[0] : undefined;
    return async (mixtures) => scoreTrials(await measure(mixtures), config.targets, natural?.losses);
  };
  const screened =
    prescreen === null
      ? undefined
      : await screen(
          await runner(proxySetting(config, inputs, NgramProxyConfig.parse({}))),
          prescreen,
          space,
          targetWeights,
          random,
        );
  const costs = await trialCosts(config, inputs);
  const proxies: CheaperProxy[] = [];
  for (const [tier, setting] of settings.entries()) {
    proxies.push({ cost: costs[tier]!, evaluate: await runner(setting) });
  }
  const below = [screened && "n-grams", cheaper.length > 0 && "cheaper proxies"]
    .filter(Boolean)
    .join(" and ");
  return {
    starts: screened === undefined ? [] : maximin(screened.best, [], Math.floor(rounds[0]! / 2)),
    proxies,
    predictorsOn(trials, fitRandom) {
      let trend: readonly Predictor[] | undefined = screened?.models;
      for (const [tier, measured] of [...trials.entries()].toReversed()) {
        const own = allPredictors[names[0]!]!;
        const fit = trend === undefined ? own : onCheapTier(`${names[0]} on ${below}`, own, trend);
        const stream = fitRandom.fork(`tier/${tier}`);
        trend = fitObjective(fit, measuredTrials({ trials: measured, targetWeights }), stream).targets;
      }
      if (trend === undefined) return {};
      const models = trend;
      return Object.fromEntries(
        names.map((name) => {
          const own = `${name} on ${below}`;
          return [own, onCheapTier(own, allPredictors[name]!, models)];
        }),
      );
    },
    describe: ({ trials, cheaper: bought }) =>
      cheaper.map(({ proxy }, tier) => ({
        proxy: proxyIdentity(proxy),
        tokens: tokensOf(proxy, config.budget),
        cost: costs[tier]!,
        rounds: bought[tier]!.map((round) => round.map(({ key }) => key)),
        trials: bought[tier]!.flat(),
        spearman: agreement(bought[tier]!.flat(), trials),
      })),
  };
}

/** Spearman correlation of the objectives over the mixtures that both measured. */
function agreement(cheap: readonly Trial[], dear: readonly Trial[]): number {
  const objectives = new Map(dear.map((trial) => [mixtureKey(trial.weights), trial.objective]));
  const both = cheap.filter(({ weights }) => objectives.has(mixtureKey(weights)));
  return spearman(
    both.map(({ objective }) => objective),
    both.map(({ weights }) => objectives.get(mixtureKey(weights))!),
  );
}

/** What n-grams make of that many mixtures: the best of them, and a model of each target. */
async function screen(
  measure: TrialRunner,
  count: number,
  space: SearchSpace,
  targetWeights: ReadonlyMap<string, number>,
  random: Random,
): Promise<{ best: Mixture[]; models: readonly Predictor[] }> {
  const nothing = { space, trials: [], pending: [] };
  const trials = await measure(drawUnmeasured(nothing, count, random.fork("draw")));
  const fitted = fitObjective(
    allPredictors["gbdt"]!,
    measuredTrials({ trials, targetWeights }),
    random.fork("fit"),
  );
  const best = trials
    .toSorted((left, right) => left.objective - right.objective)
    .slice(0, Math.ceil(trials.length * bestShare));
  return {
    best: best.map(({ weights }) => Float64Array.from(weights)),
    // Taken as known: dear trials are not of mixtures that n-grams have measured, so that doubt of theirs would stay.
    models: fitted.targets.map((model) => ({
      name: model.name,
      predict: (weights) => model.predict(weights),
      predictAll: (rows, domains) => predictRows(model, rows, domains),
    })),
  };
}
