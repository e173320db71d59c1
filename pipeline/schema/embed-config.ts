/** Config section embed. */
import { z } from "zod";
import { positiveInteger } from "./numbers.ts";

const HttpConfig = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .nullable()
      .default(null)
      .describe(
        "Base of an OpenAI-compatible server that embeds with embed.model, such as http://localhost:8080/v1 (TEI, vLLM, Ollama); null embeds here",
      ),
    keyVariable: z
      .string()
      .min(1)
      .default("OPENAI_API_KEY")
      .describe("Environment variable whose value is sent as bearer token, where it is set"),
    concurrency: positiveInteger.default(4).describe("Requests under way at once, for each worker"),
    batchTexts: positiveInteger
      .default(32)
      .describe("Texts a request holds; halved where the server says 413"),
    maxCharacters: positiveInteger
      .default(4096)
      .describe(
        "Longer texts are cut here (embed.longTexts: average: sent in pieces) before the server cuts at its own number of tokens",
      ),
    requestsPerMinute: positiveInteger
      .nullable()
      .default(null)
      .describe("Requests each worker starts a minute at most"),
    retries: z
      .int()
      .nonnegative()
      .default(6)
      .describe("Attempts beyond the first after 408, 429, 5xx or a lost connection, with growing pauses"),
    timeoutSeconds: z.number().positive().default(120).describe("A request without an answer fails then"),
  })
  .prefault({});

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
    pooling: z
      .enum(["mean", "cls", "last-token"])
      .nullable()
      .default(null)
      .describe(
        "Mean of the token vectors, the first or the last one; null: the model's own where known, else mean",
      ),
    maxTokens: positiveInteger
      .nullable()
      .default(null)
      .describe("Tokens embedded at once; null: the model's own where known, else 512"),
    longTexts: z
      .enum(["cut", "average"])
      .default("cut")
      .describe(
        "Text beyond maxTokens is left out, or embedded as further pieces, whose vectors are averaged by length",
      ),
    prefix: z
      .string()
      .nullable()
      .default(null)
      .describe("Put before every text, for models trained with a prompt; null: the model's own where known"),
    dimension: positiveInteger
      .nullable()
      .default(null)
      .describe(
        "Keep only the first so many dimensions, for models trained for that (Matryoshka); null keeps all",
      ),
    readyMade: z
      .boolean()
      .default(false)
      .describe(
        "Use the embeddings that documents bring (fields.embedding of a source), scaled to length 1; embed.model embeds those without",
      ),
    http: HttpConfig,
    shardDocuments: positiveInteger.default(4096).describe("Documents one embedding shard takes"),
  })
  .prefault({});

export type EmbedConfig = z.output<typeof EmbedConfig>;
