/** Config section export. */
import { z } from "zod";
import { positiveInteger } from "./numbers.ts";

export const exportTargets = [
  "megatron",
  "megatron-bridge",
  "nvidia-recipe",
  "olmo-core",
  "olmix",
  "dolma",
  "llm-foundry",
  "hf-datasets",
  "nanotron",
  "levanter",
  "marin",
  "litdata",
  "torchtitan",
  "maxtext",
  "llama-factory",
  "regmix",
  "nanochat",
  "axolotl",
] as const;

export const ExportConfig = z
  .strictObject({
    targets: z
      .array(z.enum(exportTargets))
      .default(["megatron", "hf-datasets", "olmix", "olmo-core", "nanotron", "dolma"])
      .describe("Trainers to write the mixture for"),
    tokenizers: z
      .partialRecord(z.enum(exportTargets), z.string().min(1))
      .default({})
      .describe(
        "Tokenizer of a trainer, where it is not the run's: gpt2, cl100k_base, o200k_base, a folder with tokenizer.json or a hub name. Shares, epochs and caps are then counted by it",
      ),
    dataRoot: z
      .string()
      .min(1)
      .default("/data/domains")
      .describe(
        "Where the trainer will find one folder or prefix per domain; no spaces, $, commas or wildcards",
      ),
    decimals: z.int().min(3).max(12).default(6).describe("Decimals of every exported weight"),
    sequenceTokens: positiveInteger
      .default(2048)
      .describe("Tokens of a training sequence, for trainers that count an epoch in sequences (llm-foundry)"),
    batchTokens: positiveInteger
      .nullable()
      .default(null)
      .describe(
        "Tokens of a training step on all devices, for trainers that begin a phase of the mixture at a step (nanotron, marin)",
      ),
    minWeight: z
      .number()
      .min(0)
      .max(0.1)
      .default(0)
      .describe(
        "Domains with a smaller share are left out of the exports, and the others take it in proportion: Megatron has failed on tiny weights",
      ),
  })
  .prefault({});

export type ExportConfig = z.output<typeof ExportConfig>;
export type ExportTarget = (typeof exportTargets)[number];
