/** What the search writes: every trial, every round, the chosen mixture and how it fares on held-out text. */
import { z } from "zod";

const weights = z.array(z.number());

/** Loss of one target under one proxy. */
export const TargetLoss = z.strictObject({ target: z.string(), bitsPerByte: z.number() });

/** One line of the trial ledger: one proxy trained on one mixture. */
export const Trial = z.strictObject({
  /** sha256 of all that decides the outcome: mixture, corpus, domains, tokenizer, budget, proxy, seed, target. */
  key: z.string(),
  /** In the order of the domains. */
  weights,
  losses: z.array(TargetLoss),
  /** Weighted mean of the targets' losses: what the search lowers. */
  objectiveBitsPerByte: z.number(),
  /** Tokens really drawn from each domain, and how often each was seen. */
  drawnTokens: z.array(z.int()),
  epochs: z.array(z.number()),
  /** Loss curve of a proxy trained step by step: nats per training token over equal stretches of the run. */
  trainingNats: z.array(z.number()).optional(),
});

/** How well a predictor does on trials it has not seen (k-fold cross-validation). */
export const PredictorScore = z.strictObject({
  predictor: z.string(),
  spearman: z.number(),
  r2: z.number(),
  rmseBitsPerByte: z.number(),
});

export const SearchRound = z.strictObject({
  round: z.int(),
  /** Keys into trials, in the order proposed. */
  trials: z.array(z.string()),
  /** Lowest objective measured up to and including this round. */
  bestBitsPerByte: z.number(),
  /** Predictors compared on all trials up to and including this round. */
  predictors: z.array(PredictorScore),
  chosenPredictor: z.string(),
  /** What the predictor of the round before expected of each of this round's trials; null in the first round. */
  predictedBitsPerByte: z.array(z.number()).nullable(),
});

const Interval = z.strictObject({ low: z.number(), high: z.number() });

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
  selectBitsPerByte: z.number(),
  /** Objective on the confirm text: mean over fresh seeds. */
  confirmBitsPerByte: z.number(),
  /** Standard deviation over the fresh seeds. */
  seedDeviation: z.number(),
  /** 95 % interval of the objective over target text: from resampling confirm documents. */
  confirmInterval: Interval,
  confirmLosses: z.array(TargetLoss),
  /** Objective minus natural's; negative is better. Paired: same seeds, same resampled documents for both. */
  differenceToNatural: z.number(),
  /** 95 % interval of the difference, over target text and over seeds. */
  differenceInterval: Interval,
  drawnTokens: z.array(z.int()),
  epochs: z.array(z.number()),
});

export const Verdict = z.strictObject({
  claim: z.enum(["gain", "no gain beyond noise", "loss", "too little confirm text"]),
  /** found minus natural on confirm, in bits per byte; negative is better. */
  differenceBitsPerByte: z.number(),
  interval: Interval,
  /** found minus the best of as many random mixtures: what the search was worth. */
  againstRandom: z.strictObject({ differenceBitsPerByte: z.number(), interval: Interval }),
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

export const SearchResult = z.strictObject({
  domains: z.array(z.string()),
  maxWeights: weights.describe("Largest weight the repetition cap allows each domain"),
  naturalWeights: weights.describe("Token shares, before the cap"),
  rounds: z.array(SearchRound),
  /** Trials of the search, then of the final candidates, then of the random baseline; each once, by key. */
  trials: z.array(Trial),
  randomTrials: z.array(z.string()),
  finalTrials: z.array(z.string()),
  /** Which candidate `found` is. */
  foundBy: z.enum(["predicted-best", "top-average", "best-measured"]),
  final: z.array(FinalMixture),
  verdict: Verdict,
  proxyChecks: z.array(ProxyCheck),
});

export type TargetLoss = z.infer<typeof TargetLoss>;
export type Trial = z.infer<typeof Trial>;
export type PredictorScore = z.infer<typeof PredictorScore>;
export type SearchRound = z.infer<typeof SearchRound>;
export type FinalMixture = z.infer<typeof FinalMixture>;
export type ProxyCheck = z.infer<typeof ProxyCheck>;
export type Verdict = z.infer<typeof Verdict>;
export type SearchResult = z.infer<typeof SearchResult>;
