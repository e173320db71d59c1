/** Config section search: sampler, rounds, predictors, confirmation. */
import { z } from "zod";
import { positiveInteger, share } from "./numbers.ts";
import { ConstraintsConfig } from "./constraints-config.ts";
import { uniquelyNamed } from "./uniquely-named.ts";
import { ProxyConfig } from "./proxy-config.ts";

const samplerShape = {
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
  onViolation: z
    .enum(["project", "reject"])
    .default("project")
    .describe("A draw that breaks a constraint: take the nearest allowed mixture, or draw again"),
};

export const SamplerConfig = z
  .strictObject({
    ...samplerShape,
    minWeight: share
      .default(0.0002)
      .describe("Smaller weights become zero, in whatever is proposed and in the answer"),
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
      .default([16, 16, 16, 16, 16, 16, 16])
      .describe(
        "Proxies trained in each round: more and smaller rounds find more; rounds as large as what trains side by side " +
          "take less time. 64/32/16 in the paper",
      ),
    objective: z
      .enum(["mean", "worst"])
      .default("mean")
      .describe(
        "Of several targets: the weighted mean of their losses, or the largest of their differences to the natural " +
          "mixture's, so that the target that gains least gains most; targets of weight 0 do not count",
      ),
    proposer: z
      .enum(["bayes", "climb", "thompson", "regmix", "olmix", "random"])
      .default("bayes")
      .describe(
        "Who picks the next round: expected improvement in batches; the paper's draw from the best predicted; Thompson " +
          "sampling; blind draws whose best predicted are averaged; the exact minimum of a log-linear law; blind draws",
      ),
    prescreen: positiveInteger
      .nullable()
      .default(null)
      .describe(
        "For proxies dearer than n-grams: so many mixtures are measured by n-grams first; half of the first round are the " +
          "best of them, and predictors may take what n-grams say as their trend, if cross-validation is for it",
      ),
    cheaper: z
      .array(
        z.strictObject({
          proxy: ProxyConfig,
          cost: z
            .number()
            .positive()
            .lt(1)
            .nullable()
            .default(null)
            .describe(
              "What one trial costs, in trials of search.proxy; null is by floating-point operations, which are known where both " +
                "are transformers",
            ),
        }),
      )
      .default([])
      .describe(
        "Cheaper proxies besides search.proxy, the dearest first: smaller models, or fewer tokens. A round spends on all of them what " +
          "so many trials of search.proxy cost, wherever a trial promises most for its cost; the last round is search.proxy's alone, " +
          "and so is the answer",
      ),
    given: uniquelyNamed(
      z.array(
        z.strictObject({
          name: z.string().min(1).describe("Who says so: doremi, doge, aioli, by-hand"),
          file: z
            .string()
            .min(1)
            .describe("YAML or JSON of domain (id or name) to weight; DoReMi's config will do"),
        }),
      ),
    )
      .default([])
      .describe(
        "Other systems' weights, measured before anything else; moved to the nearest allowed mixture",
      ),
    prior: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe("File of weights that draws lie around instead of the natural shares"),
    start: z
      .enum(["prior", "maximin"])
      .default("prior")
      .describe("First round of bayes: as the sampler draws, or of many such draws those furthest apart"),
    candidates: positiveInteger
      .default(4000)
      .describe("Draws among which bayes and thompson look for the next mixtures"),
    localCandidates: z
      .int()
      .min(0)
      .default(2000)
      .describe("Draws around the best so far that they look at besides"),
    pool: positiveInteger
      .default(20_000)
      .describe("Draws that climb ranks in each later round, and from which the best predicted are averaged"),
    top: positiveInteger
      .nullable()
      .default(null)
      .describe(
        "climb draws the next round from this many best predicted; null is max(M^2, 128), the recipe's",
      ),
    poolSampler: z
      .strictObject(samplerShape)
      .nullable()
      .default(null)
      .describe("How climb's later pools are drawn, where that is not sampler"),
    klWeight: z
      .number()
      .min(0)
      .default(0.05)
      .describe(
        "olmix: how much of the objective (bits per byte, or error rate) a nat of KL divergence from the natural mixture should win",
      ),
    constraints: ConstraintsConfig,
    guards: z
      .array(
        z.strictObject({
          target: z.string().min(1).describe("Name of a target"),
          tolerance: z
            .number()
            .min(0)
            .default(0)
            .describe("How much worse it may be, in the target's own measure: bits per byte, or error rate"),
          confidence: z
            .number()
            .min(0.5)
            .lt(1)
            .default(0.95)
            .describe("How sure that has to be, on confirm text"),
        }),
      )
      .default([])
      .describe(
        "Targets that may not be worse than under the natural mixture; weight 0 keeps one out of the objective",
      ),
    domainsWeight: z
      .number()
      .min(0)
      .default(0)
      .describe(
        "Weight in the objective of the domains' own held-out text (holdout.validation), beside the targets': the mean of the " +
          "domains' bits per byte, as RegMix and olmix go by",
      ),
    sampler: SamplerConfig,
    proxy: ProxyConfig.prefault({}).describe("The model that is trained for every trial"),
    confirmProxy: ProxyConfig.nullable()
      .default(null)
      .describe(
        "The model that measures the final table where that is not search.proxy: a quick one may search and a serious one judge",
      ),
    predictors: z
      .array(
        z.enum(["ensemble", "gp", "gbdt", "recipe-gbdt", "power-law", "log-linear", "mixing-law", "ridge"]),
      )
      .min(1)
      .default(["ensemble"])
      .describe(
        "Predictors to choose from by cross-validation on the measured trials; recipe-gbdt, which does not say how sure it is, " +
          "is not for bayes and thompson",
      ),
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
  .refine(({ objective, proposer }) => objective === "mean" || proposer !== "olmix", {
    path: ["objective"],
    message:
      "should be mean: olmix descends a smooth law, which the worst of several is not (or take another proposer)",
  })
  .refine(({ cheaper, proposer }) => cheaper.length === 0 || proposer === "bayes", {
    path: ["proposer"],
    message: "should be bayes where search.cheaper names proxies: the others do not weigh what a trial costs",
  })
  .refine(({ cheaper, rounds }) => cheaper.length === 0 || (rounds.length > 1 && rounds[0]! >= 8), {
    path: ["rounds"],
    message:
      "should be at least 2, the first of at least 8, where search.cheaper names proxies: it is shared among them, and the last is " +
      "search.proxy's alone",
  })
  .refine(({ given, cheaper, rounds }) => given.length <= rounds[0]! / (cheaper.length === 0 ? 1 : 2), {
    path: ["given"],
    message:
      "should name no more mixtures than the first of search.rounds, or than half of it with search.cheaper: they are measured there",
  })
  .refine(
    ({ proposer, predictors }) =>
      !["bayes", "thompson"].includes(proposer) || !predictors.includes("recipe-gbdt"),
    {
      path: ["predictors"],
      message:
        "should not hold recipe-gbdt: bayes and thompson need to know how sure a prediction is (or set search.proposer=climb)",
    },
  )
  .prefault({});

export type SamplerConfig = z.output<typeof SamplerConfig>;
export type SearchConfig = z.output<typeof SearchConfig>;
