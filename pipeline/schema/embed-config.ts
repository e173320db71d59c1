/** Config section embed. */
import { z } from "zod";
import { positiveInteger } from "./numbers.ts";

export const EmbedConfig = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .default("word-vectors")
      .describe(
        "word-vectors or use-lite (both without a network), a hub name such as Xenova/all-MiniLM-L6-v2, or a model directory",
      ),
    precision: z
      .enum(["int8", "fp32"])
      .default("int8")
      .describe("int8 loads model_quantized.onnx, fp32 loads model.onnx; use-lite has both"),
    pooling: z.enum(["mean", "cls"]).default("mean").describe("Mean of the token vectors, or the first one"),
    maxTokens: positiveInteger.default(512).describe("Text beyond this many model tokens is not embedded"),
    prefix: z.string().default("").describe("Put before every text, for models trained with a prompt"),
    shardDocuments: positiveInteger.default(4096).describe("Documents one embedding shard takes"),
  })
  .prefault({});

export type EmbedConfig = z.output<typeof EmbedConfig>;
