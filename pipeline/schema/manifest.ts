/** mixture.json: the one file another program needs. Field names are stable; see the README. */
import { z } from "zod";
import { Measure, Unit } from "./measure.ts";
import { ScaleResult } from "./scale.ts";
import { MixturePrediction, PredictorScore, Verdict } from "./search.ts";

const Interval = z.strictObject({ low: z.number(), high: z.number() });

export const ManifestDomain = z.strictObject({
  id: z.string(),
  name: z.string(),
  keywords: z.array(z.string()),
  weight: z.number().describe("Token share in the mixture; the list sums to exactly 1"),
  naturalShare: z.number(),
  weightRange: Interval.optional().describe(
    "Weights at which, the others keeping their proportions, the predicted objective stays within noise of the found mixture's",
  ),
  tokens: z.int(),
  documents: z.int(),
  bytes: z.int(),
  meanTokens: z.number().describe("Tokens per document"),
  documentProbability: z
    .number()
    .describe("Weight for trainers that sample documents: w_i / meanTokens_i, normalised"),
  epochs: z.number().describe("weight * budget.targetTokens / tokens"),
  maxEpochs: z.number(),
  sources: z
    .record(z.string(), z.number())
    .optional()
    .describe("Token share of each source within the domain, as the run's tokenizer counts; they sum to 1"),
  scores: z.record(z.string(), z.number()),
  clusters: z.array(z.int()),
});

/** A stretch of training with one mixture, as domain upsampling at the end of training needs. */
export const ManifestPhase = z.strictObject({
  name: z.string().describe("main, anneal, ..."),
  fromShare: z.number().describe("Share of budget.targetTokens already trained on when the phase begins"),
  toShare: z.number(),
  weights: z.array(z.number()).describe("Token shares in the order of the domains; they sum to exactly 1"),
});

export const Baseline = z.strictObject({
  weights: z.array(z.number()),
  predicted: MixturePrediction.optional().describe(
    "What the predictor expected of selectObjective; best-measured may be among the trials it was fitted to",
  ),
  selectObjective: z.number(),
  confirmObjective: z.number(),
  confirmInterval: Interval,
  seedDeviation: z.number(),
  differenceToNatural: z.number(),
  differenceInterval: Interval,
});

export const Manifest = z.strictObject({
  schemaVersion: z.literal(2),
  name: z.string(),
  tokenizer: z.strictObject({
    name: z.string(),
    sha256: z.string().describe("Of the vocabulary: <name>.tiktoken, or the files of a tokenizer.json"),
    vocabularySize: z.int(),
    bytesPerToken: z.number().describe("UTF-8 bytes of the domains' text / their tokens"),
  }),
  budget: z.strictObject({ targetTokens: z.int(), proxyTokens: z.int(), maxEpochs: z.number() }),
  domains: z.array(ManifestDomain),
  phases: z
    .array(ManifestPhase)
    .default([])
    .describe(
      "Mixtures over training, in order and without gaps; domains[].weight is their mean by tokens. Empty: one mixture",
    ),
  baselines: z.record(z.string(), Baseline).describe("found, natural, uniform and the others, measured"),
  verdict: Verdict,
  scale: ScaleResult.nullable()
    .default(null)
    .describe("How the gap to natural moves with size, where it was measured at several (climb confirm)"),
  search: z.strictObject({
    method: z.string(),
    objective: z.array(
      z.strictObject({
        target: z.string(),
        weight: z.number(),
        measure: Measure.default("bits-per-byte"),
        confirmBytes: z.int(),
      }),
    ),
    unit: Unit.default("bits per byte").describe(
      "What objectives, their differences and errors are in, here, in baselines, verdict and scale",
    ),
    objectiveOf: z
      .enum(["mean", "worst"])
      .default("mean")
      .describe("The targets' weighted mean, or natural's plus the largest difference to natural's"),
    rounds: z.array(z.strictObject({ round: z.int(), trials: z.int(), bestObjective: z.number() })),
    predictor: PredictorScore,
    foundBy: z.string(),
    proxy: z.string(),
  }),
  lineage: z.strictObject({
    toolVersion: z.string(),
    git: z.strictObject({ commit: z.string(), modified: z.boolean() }).nullable(),
    seed: z.int(),
    configSha256: z.string(),
    embedder: z.string(),
    artifacts: z.record(z.string(), z.string()).describe("Stage to the name of its artifact folder"),
    inputs: z.array(
      z.strictObject({
        role: z.enum(["corpus", "target"]),
        source: z.string(),
        file: z.string(),
        bytes: z.int(),
        sha256: z.string(),
        documents: z
          .int()
          .optional()
          .describe(
            "Kept of its records, before duplicates are dropped; none of a file that lies beside documents",
          ),
      }),
    ),
  }),
});

export type Manifest = z.infer<typeof Manifest>;
export type ManifestDomain = z.infer<typeof ManifestDomain>;
export type ManifestPhase = z.infer<typeof ManifestPhase>;
export type Baseline = z.infer<typeof Baseline>;
