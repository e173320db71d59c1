/** What the search writes: every trial, every round, the chosen mixture and how it fares on held-out text. */
import { z } from "zod";
import { Unit } from "./measure.ts";

const weights = z.array(z.number());

/** Loss of one target under one proxy. */
export const TargetLoss = z.strictObject({
  target: z.string(),
  /** In bits per byte; of a target measured by accuracy the error rate. */
  loss: z.number(),
  /** Only beside an error rate: the right answers' bits per byte. */
  bitsPerByte: z.number().optional(),
});

/** What the mean over the domains is called among the targets, where search.domainsWeight counts it. */
export const domainsTarget = "domains";

/** Loss on one domain's held-out text. */
export const DomainLoss = z.strictObject({ domain: z.string(), bitsPerByte: z.number() });

/** One line of the trial ledger: one proxy trained on one mixture. */
export const Trial = z.strictObject({
  /** sha256 of all that decides the outcome: mixture, corpus, domains, tokenizer, budget, proxy, seed, target. */
  key: z.string(),
  /** In the order of the domains. */
  weights,
  losses: z.array(TargetLoss),
  /** By domain, where holdout.validation holds text out; domains without such text are missing. */
  domainLosses: z.array(DomainLoss).optional(),
  /** What the search lowers, in SearchResult.unit: the weighted mean of the targets' losses, always so in a ledger, or the worst of them. */
  objective: z.number(),
  /** Tokens really drawn from each domain, and how often each was seen. */
  drawnTokens: z.array(z.int()),
  epochs: z.array(z.number()),
  /** Accuracy on targets of questions, by target, and on tasks that the proxy's trainer measured; higher is better. */
  taskScores: z.record(z.string(), z.number()).optional(),
  /** Loss curve of a proxy trained step by step: nats per training token over equal stretches of the run. */
  trainingNats: z.array(z.number()).optional(),
});

/** How well a predictor does on trials it has not seen (k-fold cross-validation). */
export const PredictorScore = z.strictObject({
  predictor: z.string(),
  spearman: z.number(),
  kendall: z.number(),
  r2: z.number(),
  rmse: z.number(),
  /** What share of left-out measurements the stated intervals should hold, and held; empty where none are stated. */
  coverage: z.array(z.strictObject({ nominal: z.number(), measured: z.number() })),
});

export const SearchRound = z.strictObject({
  round: z.int(),
  /** Keys into trials, in the order proposed. */
  trials: z.array(z.string()),
  /** Lowest objective measured up to and including this round. */
  bestObjective: z.number(),
  /** Predictors compared on all trials up to and including this round. */
  predictors: z.array(PredictorScore),
  chosenPredictor: z.string(),
  /** Ridge regression's scores on the same folds: a predictor that does no better has learnt little. */
  baseline: PredictorScore,
  /** An alarm: the chosen predictor predicts the same for every trial. */
  constant: z.boolean(),
  /** What the predictor of the round before expected of each of this round's trials; null in the first round. */
  predictedObjective: z.array(z.number()).nullable(),
});

const Interval = z.strictObject({ low: z.number(), high: z.number() });

/** What the predictor of all trials has learnt. */
const Diagnosis = z.strictObject({
  /** Spearman correlation on a fifth held back, fitted to a quarter, half and all of the rest. */
  learningCurve: z.array(z.strictObject({ trials: z.int(), spearman: z.number() })),
  /** By domain, partial dependence: mean prediction over the trials with this domain's weight set to each of `weights`. */
  dependence: z.array(z.strictObject({ weights, objective: z.array(z.number()) })),
});

/** By domain: weights at which the predicted objective stays within the tolerance of the found mixture's. */
const Flatness = z.strictObject({
  /** Half the interval of found minus natural on confirm: what can not be told apart. */
  tolerance: z.number(),
  domains: z.array(Interval),
});

const TargetDifference = z.strictObject({
  target: z.string(),
  difference: z.number(),
  interval: Interval,
});

/** A target that may not be worse than under the natural mixture, judged on confirm text. */
const GuardOutcome = z.strictObject({
  target: z.string(),
  tolerance: z.number(),
  confidence: z.number(),
  /** Upper bound of found minus natural at that confidence. */
  upper: z.number(),
  kept: z.boolean(),
});

/** One row of the final table. */
export const FinalMixture = z.strictObject({
  name: z.enum([
    "found",
    "natural",
    "uniform",
    "best-random",
    "predicted-best",
    "top-average",
    "best-measured",
  ]),
  weights,
  /** Objective on the text the search saw; one measurement, the search's own seed. */
  selectObjective: z.number(),
  /** Objective on the confirm text: mean over fresh seeds. */
  confirmObjective: z.number(),
  /** Standard deviation over the fresh seeds. */
  seedDeviation: z.number(),
  /** 95 % interval of the objective over target text: from resampling confirm documents. */
  confirmInterval: Interval,
  confirmLosses: z.array(TargetLoss),
  /** Objective minus natural's; negative is better. Paired: same seeds, same resampled documents for both. */
  differenceToNatural: z.number(),
  /** 95 % interval of the difference, over target text and over seeds. */
  differenceInterval: Interval,
  /** Two-sided; null for natural. Only found against natural was declared beforehand: the others are adjusted (Holm). */
  pValue: z.number().nullable(),
  adjustedPValue: z.number().nullable(),
  targetDifferences: z.array(TargetDifference).describe("The same difference for each target"),
  drawnTokens: z.array(z.int()),
  epochs: z.array(z.number()),
});

/** What the predictor of all trials expects of a final mixture, on the text the search saw. */
export const MixturePrediction = z.strictObject({
  objective: z.number(),
  interval: Interval.nullable().describe(
    "95 %, of one measurement: the predictor's own deviation and a measurement's noise. Null where the predictor states none",
  ),
});

export const Verdict = z.strictObject({
  claim: z.enum(["gain", "no gain beyond noise", "loss", "too little confirm text", "guard not kept"]),
  /** found minus natural on confirm, in SearchResult.unit; negative is better. */
  difference: z.number(),
  interval: Interval,
  /** found minus the best of as many random mixtures: what the search was worth. */
  againstRandom: z.strictObject({ difference: z.number(), interval: Interval }),
  guards: z.array(GuardOutcome),
  /** One sentence for people. */
  text: z.string(),
});

/** Whether a proxy can tell mixtures apart. */
export const ProxyCheck = z.strictObject({
  /** What it is used for: the trials, or the final table. */
  use: z.enum(["search", "confirm"]),
  proxy: z.string(),
  /** Measured under several seeds: so many mixtures, so many seeds. */
  mixtures: z.int(),
  seeds: z.int(),
  /** Deviation over seeds of one mixture's objective beside another's, and deviation between mixtures without it. */
  seedDeviation: z.number(),
  spread: z.number(),
  /** Of the natural mixture, by the proxy and by a bigram model that read the same tokens; null for n-gram proxies. */
  bigram: z.strictObject({ proxyBitsPerByte: z.number(), bigramBitsPerByte: z.number() }).nullable(),
  /** What is wrong, and what to do. */
  warnings: z.array(z.string()),
});

/** A proxy of search.cheaper, and what was bought of it. */
export const CheaperProxyTrials = z.strictObject({
  proxy: z.string(),
  /** Tokens that one trial trains on. */
  tokens: z.int(),
  /** Of one trial, in trials of search.proxy. */
  cost: z.number(),
  /** Keys into trials, round by round. */
  rounds: z.array(z.array(z.string())),
  trials: z.array(Trial),
  /** Correlation of its objective with search.proxy's over the mixtures that both measured. */
  spearman: z.number(),
});

export const SearchResult = z.strictObject({
  objective: z
    .enum(["mean", "worst"])
    .default("mean")
    .describe(
      "Of several targets: the weighted mean of the losses, or natural's plus the largest difference to natural's",
    ),
  unit: Unit.default("bits per byte").describe(
    "What objectives, their differences and errors are in; losses and guards are in their target's own",
  ),
  domains: z.array(z.string()),
  maxWeights: weights.describe("Largest weight the repetition cap allows each domain"),
  naturalWeights: weights.describe("Token shares, before the cap"),
  rounds: z.array(SearchRound),
  /** Trials of the search, then of the final candidates, then of the random baseline; each once, by key. */
  trials: z.array(Trial),
  /** What the proxies of search.cheaper measured, the dearest first; `trials` are those of search.proxy alone. */
  cheaper: z.array(CheaperProxyTrials).default([]),
  /** Keys of the trials that no other beats on one target without losing on another. */
  paretoTrials: z.array(z.string()),
  diagnosis: Diagnosis,
  flatness: Flatness,
  randomTrials: z.array(z.string()),
  finalTrials: z.array(z.string()),
  /** Which candidate `found` is. */
  foundBy: z.enum(["predicted-best", "top-average", "best-measured"]),
  /** Bytes of the domains' own text that proxies are measured on; domains without any are missing. */
  validationText: z
    .array(z.strictObject({ domain: z.string(), selectBytes: z.int(), confirmBytes: z.int() }))
    .optional(),
  final: z.array(FinalMixture),
  /** One for each of `final`, in the same order; none in searches by earlier versions. */
  finalPredictions: z.array(MixturePrediction).default([]),
  verdict: Verdict,
  proxyChecks: z.array(ProxyCheck),
  /**
   * Whether mixtures that predict the targets better do tasks better: Spearman of the score and the targets' weighted mean bits
   * per byte, over trials; null where all scores are equal.
   */
  taskCorrelations: z.array(
    z.strictObject({ task: z.string(), trials: z.int(), spearman: z.number().nullable(), best: z.number() }),
  ),
});

export type DomainLoss = z.infer<typeof DomainLoss>;
export type TargetLoss = z.infer<typeof TargetLoss>;
export type Trial = z.infer<typeof Trial>;
export type CheaperProxyTrials = z.infer<typeof CheaperProxyTrials>;
export type PredictorScore = z.infer<typeof PredictorScore>;
export type SearchRound = z.infer<typeof SearchRound>;
export type FinalMixture = z.infer<typeof FinalMixture>;
export type ProxyCheck = z.infer<typeof ProxyCheck>;
export type MixturePrediction = z.infer<typeof MixturePrediction>;
export type Verdict = z.infer<typeof Verdict>;
export type SearchResult = z.infer<typeof SearchResult>;
