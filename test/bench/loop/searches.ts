/** The loops that are compared, each with as many trials of the cheap model. */
import { Random } from "../../../pipeline/math/random.ts";
import { createSampler } from "../../../pipeline/mixture/sampler.ts";
import { chooseObjective } from "../../../pipeline/predictor/choose.ts";
import { bitsPerByte } from "../../../pipeline/proxy/proxy.ts";
import { SearchConfig } from "../../../pipeline/schema/search-config.ts";
import type { FinalMixture, Trial } from "../../../pipeline/schema/search.ts";
import { climbSearch } from "../../../pipeline/search/climb-search.ts";
import { createProposer } from "../../../pipeline/search/create-proposer.ts";
import type { Mixture } from "../../../pipeline/search/proposer.ts";
import { lowest, scoreLosses } from "../../../pipeline/search/score.ts";
import { mixtureKey } from "../../../pipeline/mixture/key.ts";
import type { Measurer } from "./measurer.ts";
import type { LoopSetting } from "./setting.ts";

interface Loop {
  readonly name: string;
  /** The row of the final table that its answer takes. */
  readonly row: FinalMixture["name"];
  readonly search: SearchConfig;
}

/** The recipe's 64/32/16 and RegMix's one round, at half the recipe's runs; and the default in rounds of eight. */
export const loops: readonly Loop[] = [
  { name: "default", row: "found", search: SearchConfig.parse({ rounds: [16, 8, 8, 8, 8, 8] }) },
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
  /** Its objective by the cheap model, bits per byte. */
  readonly bestObjective: number;
}

/** One search by one loop. Under one seed all begin with the same draws, measured once. */
export async function runLoop(
  loop: Loop,
  { allowed, prior, targets }: LoopSetting,
  measurer: Measurer,
  seed: string,
): Promise<Answer> {
  const { search } = loop;
  const names = targets.select.map(({ name }) => name);
  const weighted = names.map((name) => ({ name, weight: 1 }));
  const sample = createSampler({ prior, allowed, sampler: search.sampler });
  const samplePool =
    search.poolSampler === null ? undefined : createSampler({ prior, allowed, sampler: search.poolSampler });
  const outcome = await climbSearch(
    search,
    {
      space: { domains: prior.length, natural: allowed.natural, sample, repair: allowed.repair },
      proposer: createProposer(search, samplePool),
      given: [],
      targets: names,
      guards: [],
      evaluate: async (mixtures) => {
        const answers = await measurer.measure(
          mixtures.map((mixture) => ({ model: "cheap", weights: [...mixture], seed: "bench/loop/proxy" })),
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
      },
      fit: (trials, random) =>
        chooseObjective({
          trials,
          targetWeights: new Map(names.map((name) => [name, 1])),
          candidates: search.predictors,
          folds: search.folds,
          random,
        }),
    },
    new Random(seed),
  );
  const best = lowest(outcome.trials);
  return {
    loop,
    mixture: outcome.predictedBest,
    bestMeasured: Float64Array.from(best.weights),
    bestObjective: best.objective,
  };
}
