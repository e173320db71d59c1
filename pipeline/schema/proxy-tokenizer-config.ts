/** Config section proxyTokenizer: what proxies that train read, where that is not the run's own tokens. */
import { z } from "zod";
import { positiveInteger } from "./numbers.ts";

const BpeTokenizerConfig = z.strictObject({
  kind: z.literal("bpe").describe("A byte-level BPE vocabulary learned from the run's training text"),
  vocabularySize: z
    .int()
    .min(512)
    .max(65_536)
    .default(4096)
    .describe("Tokens in all: the end of a document, 256 bytes and what is learned"),
  sampleTokens: positiveInteger
    .default(20_000_000)
    .describe(
      "Training text it is learned from, in tokens of the run's tokenizer: the first of a random order",
    ),
});

const PretrainedTokenizerConfig = z.strictObject({
  kind: z.literal("pretrained").describe("Any tokenizer that transformers.js loads"),
  model: z
    .string()
    .min(1)
    .describe("A folder with tokenizer.json and tokenizer_config.json, or a name on the hub"),
});

export const ProxyTokenizerConfig = z.discriminatedUnion("kind", [
  BpeTokenizerConfig,
  PretrainedTokenizerConfig,
]);

export type ProxyTokenizerConfig = z.output<typeof ProxyTokenizerConfig>;
