/** Config sections search.proxy and search.confirmProxy: the models that stand in for the real training run. */
import { z } from "zod";
import { positiveInteger, share } from "./numbers.ts";

export const NgramProxyConfig = z.strictObject({
  kind: z.literal("ngram").default("ngram").describe("Exact interpolated n-gram model of the mixture"),
  order: z.int().min(1).max(3).default(3).describe("Length of the longest n-gram"),
  discount: z.number().gt(0).lt(1).default(0.75).describe("Absolute discount of each count"),
  repetition: z
    .enum(["once", "saturating", "full"])
    .default("saturating")
    .describe("What a repeated token counts for: nothing more, less and less, or as much as a new one"),
  saturationEpochs: z
    .number()
    .positive()
    .default(15)
    .describe("R of 1 + R (1 - exp(-(epochs - 1) / R)), data-constrained scaling laws"),
});

export const TransformerProxyConfig = z
  .strictObject({
    kind: z.literal("transformer").describe("A small decoder-only transformer, trained on the mixture"),
    width: positiveInteger.default(128).describe("Width of the residual stream"),
    layers: positiveInteger.default(4).describe("Blocks of attention and feed-forward"),
    heads: positiveInteger.default(4).describe("Attention heads; they divide the width"),
    contextTokens: z.int().min(2).default(128).describe("Tokens of a sequence"),
    positions: z.enum(["rotary", "learned"]).default("rotary").describe("How attention knows the order"),
    batchSequences: positiveInteger.default(16).describe("Sequences of one optimiser step"),
    tokens: positiveInteger
      .nullable()
      .default(null)
      .describe(
        "Tokens it trains on, in the run's tokenizer, pools scaled alike; null is budget.proxyTokens",
      ),
    learningRate: z.number().positive().default(0.004).describe("Peak learning rate"),
    schedule: z
      .enum(["wsd", "cosine"])
      .default("wsd")
      .describe("After the warm-up: stable and then linear to zero, or along a cosine; ends with the run"),
    warmupShare: share.default(0.05).describe("Share of the steps with a rising learning rate"),
    decayShare: share.default(0.3).describe("Share of the steps in which wsd decays"),
    beta1: share.default(0.9).describe("AdamW's first moment"),
    beta2: share.default(0.95).describe("AdamW's second moment"),
    epsilon: z.number().positive().default(1e-8).describe("AdamW's epsilon"),
    weightDecay: z.number().min(0).default(0.1).describe("AdamW's decoupled weight decay"),
    clipNorm: z.number().positive().default(1).describe("Largest norm of a step's gradient"),
    warmStartTokens: positiveInteger
      .nullable()
      .default(null)
      .describe(
        "Train one model on the natural mixture for so many tokens, and let every proxy start from it, as for " +
          "mid-training; null starts from random parameters, as for pretraining",
      ),
  })
  .refine(({ width, heads }) => width % (2 * heads) === 0, {
    path: ["heads"],
    message: "should divide the width into heads of an even width",
  });

export const ExternalProxyConfig = z.strictObject({
  kind: z.literal("external").describe("A model that a command trains: PyTorch, other machines, any size"),
  command: z
    .string()
    .min(1)
    .describe(
      "Shell command of the trainer; {request} and {out} stand for request.json and the folder it writes into, " +
        "or else are appended as --request and --out",
    ),
  version: z
    .string()
    .default("1")
    .describe("Change it when the command trains differently: trials of another version are trained again"),
  environment: z.record(z.string(), z.string()).default({}).describe("Environment variables of the command"),
  settings: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("What the trainer should know besides: sizes, learning rate; handed on as it is"),
  contextTokens: z.int().min(2).default(128).describe("Tokens of a sequence"),
  batchSequences: positiveInteger.default(16).describe("Sequences of one optimiser step, over all devices"),
  tokens: positiveInteger
    .nullable()
    .default(null)
    .describe("Tokens it trains on, in the run's tokenizer, pools scaled alike; null is budget.proxyTokens"),
  timeoutSeconds: z.number().positive().default(86_400).describe("Longest time of one training"),
  graceSeconds: z.number().positive().default(60).describe("From SIGTERM, on which it saves, to SIGKILL"),
  retries: z
    .int()
    .min(0)
    .default(0)
    .describe("Trainings after one that failed, in each of the three attempts that its shard has"),
  concurrency: positiveInteger
    .nullable()
    .default(null)
    .describe("Trainings at once; null is one for each of the executor's workers"),
  startFrom: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "Checkpoint that every training starts from, as for mid-training: a path, or whatever the trainer can open, handed to " +
        "it as startFrom; change version when what is in it changes. null starts from nothing, as for pretraining",
    ),
  harnessResults: z
    .string()
    .nullable()
    .default(null)
    .describe("Glob below {out} of lm-evaluation-harness's results, for example **/results_*.json"),
});

export const ProxyConfig = z.discriminatedUnion("kind", [
  NgramProxyConfig,
  TransformerProxyConfig,
  ExternalProxyConfig,
]);

export type NgramProxyConfig = z.output<typeof NgramProxyConfig>;
export type TransformerProxyConfig = z.output<typeof TransformerProxyConfig>;
export type ExternalProxyConfig = z.output<typeof ExternalProxyConfig>;
export type ProxyConfig = z.output<typeof ProxyConfig>;
