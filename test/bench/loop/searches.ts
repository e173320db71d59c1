/** The loops that are compared, each with as many trials of the cheap model. */
import { Random } from "../../../pipeline/math/random.ts";
import { createSampler } from "../../../pipeline/mixture/sampler.ts";
import { allPredictors, chooseObjective, measuredTrials } from "../../../pipeline/predictor/choose.ts";
import { fitObjective } from "../../../pipeline/predictor/objective.ts";
import { onCheapTier } from "../../../pipeline/predictor/tiers.ts";
import { bitsPerByte } from "../../../pipeline/proxy/proxy.ts";
import { trialFlops } from "../../../pipeline/proxy/transformer/trial-flops.ts";
import { SearchConfig } from "../../../pipeline/schema/search-config.ts";
import type { FinalMixture, Trial } from "../../../pipeline/schema/search.ts";
import { climbSearch } from "../../../pipeline/search/climb-search.ts";
import { createProposer } from "../../../pipeline/search/create-proposer.ts";
import type { Mixture } from "../../../pipeline/search/proposer.ts";
import { lowest, scoreLosses } from "../../../pipeline/search/score.ts";
import { mixtureKey } from "../../../pipeline/mixture/key.ts";
import type { Measurer } from "./measurer.ts";
import { type LoopSetting, type ModelName, models } from "./setting.ts";

interface Loop {
  readonly name: string;
  /** Its own proxy is the dear model, beside the cheap one: as much computing as the others', fewer trials. */
  readonly hasTwoModels?: true;
  /** The row of the final table that its answer takes. */
  readonly row: FinalMixture["name"];
  readonly search: SearchConfig;
}

/** Trials of the cheap model that every loop may spend. */
export const budgetTrials = 56;

/** The recipe's 64/32/16 and RegMix's one round, at half the recipe's runs; and the default in rounds of eight. */
export const loops: readonly Loop[] = [
  { name: "default", row: "found", search: SearchConfig.parse({ rounds: [16, 8, 8, 8, 8, 8] }) },
  {
    name: "default with two models",
    row: "best-measured",
    hasTwoModels: true,
    search: SearchConfig.parse({ rounds: [8, 2, 3] }),
  },
  {
    name: "recipe's loop",
    row: "predicted-best",
    search: SearchConfig.parse({
      proposer: "climb",
      rounds: [32, 16, 8],
      pool: 100_000,
      predictors: ["recipe-gbdt"],
      poolSampler: { temperature: 1, minStrength: 1, maxStrength: 1 },
    }),
  },
  {
    name: "RegMix",
    row: "top-average",
    search: SearchConfig.parse({ proposer: "regmix", rounds: [56], average: 100, predictors: ["gbdt"] }),
  },
];

export interface Answer {
  readonly loop: Loop;
  /** What it would train on. */
  readonly mixture: Mixture;
  /** Its best measured, which of RegMix's blind draws is the best of as many random mixtures. */
  readonly bestMeasured: Mixture;
  /** Its objective by the loop's own model, bits per byte. */
  readonly bestObjective: number;
  /** Operations of all its trials, in trials of the cheap model. */
  readonly spent: number;
}

/** One search by one loop. Under one seed all begin with the same draws, measured once. */
export async function runLoop(
  loop: Loop,
  { allowed, prior, targets, input }: LoopSetting,
  measurer: Measurer,
  seed: string,
): Promise<Answer> {
  const { search, hasTwoModels = false } = loop;
  const names = targets.select.map(({ name }) => name);
  const weighted = names.map((name) => ({ name, weight: 1 }));
  const targetWeights = new Map(names.map((name) => [name, 1]));
  const sample = createSampler({ prior, allowed, sampler: search.sampler });
  const samplePool =
    search.poolSampler === null ? undefined : createSampler({ prior, allowed, sampler: search.poolSampler });
  const evaluateBy = (model: ModelName) => async (mixtures: readonly Mixture[]) => {
    const answers = await measurer.measure(
      mixtures.map((mixture) => ({ model, weights: [...mixture], seed: "bench/loop/proxy" })),
    );
    return answers.map(({ documentNats }, i): Trial => {
      const losses = names.map((target, t) => ({
        target,
        loss: bitsPerByte(documentNats[t]!, targets.select[t]!.documentBytes),
      }));
      return {
        key: mixtureKey(mixtures[i]!),
        weights: [...mixtures[i]!],
        losses,
        objective: scoreLosses(losses, weighted),
        drawnTokens: [],
        epochs: [],
      };
    });
  };
  const measured = targets.select.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const [cheapFlops, dearFlops] = (["cheap", "dear"] as const).map((model) =>
    trialFlops(models[model].config, input.vocabularySize, { trained: models[model].tokens, measured }),
  );
  const cost = cheapFlops! / dearFlops!;
  const outcome = await climbSearch(
    search,
    {
      space: { domains: prior.length, natural: allowed.natural, sample, repair: allowed.repair },
      proposer: createProposer(search, samplePool),
      given: [],
      targets: names,
      guards: [],
      evaluate: evaluateBy(hasTwoModels ? "dear" : "cheap"),
      cheaper: hasTwoModels ? [{ cost, evaluate: evaluateBy("cheap") }] : [],
      fit: (trials, random, [cheap]) => {
        const [name] = search.predictors as [string];
        const own = allPredictors[name]!;
        const low =
          cheap &&
          fitObjective(own, measuredTrials({ trials: cheap, targetWeights }), random.fork("cheap")).targets;
        return chooseObjective({
          trials,
          targetWeights,
          candidates: low === undefined ? [name] : [name, "on the cheap model"],
          registry: {
            ...allPredictors,
            ...(low && { "on the cheap model": onCheapTier("on the cheap model", own, low) }),
          },
          folds: search.folds,
          random,
        });
      },
    },
    new Random(seed),
  );
  const best = lowest(outcome.trials);
  const [cheapTrials = 0] = outcome.cheaper.map((rounds) => rounds.flat().length);
  return {
    loop,
    mixture: outcome.predictedBest,
    bestMeasured: Float64Array.from(best.weights),
    bestObjective: best.objective,
    spent: hasTwoModels ? outcome.trials.length / cost + cheapTrials : outcome.trials.length,
  };
}
