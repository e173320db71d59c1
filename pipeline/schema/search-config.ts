/** Config section search: sampler, rounds, predictors, confirmation. */
import { z } from "zod";
import { positiveInteger, share } from "./numbers.ts";
import { NgramProxyConfig } from "./proxy-config.ts";

export const SamplerConfig = z
  .strictObject({
    temperature: share
      .default(0.5)
      .describe("Exponent on the token shares before they become the Dirichlet's mean; 1 keeps them"),
    minStrength: z.number().positive().default(0.1).describe("Smallest total of the Dirichlet's parameters"),
    maxStrength: z.number().positive().default(5).describe("Largest total of the Dirichlet's parameters"),
    strengths: positiveInteger.default(15).describe("Log-spaced totals between them; each draw takes one"),
    scaleByDomains: z
      .boolean()
      .default(false)
      .describe("Multiply the strengths by the number of domains, which makes balanced mixtures common"),
    minWeight: share.default(0.0002).describe("Smaller weights become zero"),
    onViolation: z
      .enum(["project", "reject"])
      .default("project")
      .describe("A draw beyond the repetition cap: move the excess to the other domains, or draw again"),
  })
  .prefault({});

export const SearchConfig = z
  .strictObject({
    rounds: z
      .array(positiveInteger)
      .min(1)
      .refine(
        ([first = 0]) => first >= 4,
        "the first round should be at least 4: a predictor is fitted to it",
      )
      .default([64, 32, 16])
      .describe("Proxies trained in each round; 64/32/16 in the paper"),
    pool: positiveInteger.default(20_000).describe("Candidates the predictor ranks in each later round"),
    top: positiveInteger
      .nullable()
      .default(null)
      .describe("The next round is drawn from this many best predicted; null is max(M^2, 128), the recipe's"),
    sampler: SamplerConfig,
    proxy: NgramProxyConfig.prefault({}),
    predictors: z
      .array(z.enum(["ensemble", "gp", "gbdt", "power-law", "log-linear", "ridge"]))
      .min(1)
      .default(["ensemble"])
      .describe("Predictors to choose from by cross-validation on the measured trials"),
    folds: z.int().min(2).default(5).describe("Folds of the cross-validation"),
    average: positiveInteger
      .default(128)
      .describe("The best predicted mixtures averaged into one final candidate"),
    confirmSeeds: positiveInteger
      .default(3)
      .describe("Fresh choices and orders of documents the final table is measured on"),
    resamples: positiveInteger.default(2000).describe("Bootstrap resamples of the target documents"),
    shardTrials: positiveInteger.default(16).describe("Trials one search shard takes"),
  })
  .prefault({});

export type SamplerConfig = z.output<typeof SamplerConfig>;
export type SearchConfig = z.output<typeof SearchConfig>;
