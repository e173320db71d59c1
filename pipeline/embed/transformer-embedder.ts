import { readFile } from "node:fs/promises";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { z } from "zod";
import { ConfigError, InputError } from "../core/errors.ts";
import type { Embedder } from "./embedder.ts";
import { embedWindows, type Window, type WindowModel } from "./embed-windows.ts";
import { fuseAttention } from "./fuse-attention.ts";
import { loadTokenizer, type TextWindows } from "./load-tokenizer.ts";
import type { ModelFiles } from "./model-files.ts";
import { openSession } from "./open-session.ts";
import { poolTokens } from "./pool-tokens.ts";
import { reasonOf } from "./reason-of.ts";
import { checkDimension, type EmbedSettings } from "./settings.ts";

const ModelConfig = z.object({ max_position_embeddings: z.int().positive().optional() });
const outputNames = ["last_hidden_state", "token_embeddings"] as const;

/**
 * Embeddings by a feature-extraction model: tokens, a forward pass, pooling over the tokens. A text goes through the
 * model alone. Short ones would gain from company of their own length, but their vectors would depend on it: onnxruntime
 * multiplies one row in another way than several, and the scales of dynamic quantisation come from all that is
 * multiplied at once.
 */
export class TransformerEmbedder implements Embedder, WindowModel {
  readonly name: string;
  readonly identity: string;
  readonly dimension: number;
  readonly windows: TextWindows;
  readonly #settings: EmbedSettings;
  readonly #session: InferenceSession;

  private constructor(
    identity: string,
    name: string,
    fullDimension: number,
    settings: EmbedSettings,
    windows: TextWindows,
    session: InferenceSession,
  ) {
    this.identity = identity;
    this.name = name;
    this.dimension = settings.dimension ?? fullDimension;
    this.windows = windows;
    this.#settings = settings;
    this.#session = session;
  }

  static async open(
    files: ModelFiles,
    { model }: { model: string },
    settings: EmbedSettings,
    identity: string,
  ): Promise<TransformerEmbedder> {
    const windows = await loadTokenizer(files.folder, await positionsOf(files.config), settings);
    const session = await openFused(files.graph);
    try {
      const fullDimension = (await forward(session, [0])).dims[2]!;
      checkDimension(settings.dimension, fullDimension, model);
      return new TransformerEmbedder(identity, model, fullDimension, settings, windows, session);
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  async embed(texts: readonly string[], done?: (texts: number) => void): Promise<Float32Array> {
    return embedWindows(this, texts, done);
  }

  async forward(window: Window): Promise<Float32Array> {
    return poolTokens(await forward(this.#session, window), this.#settings, this.dimension);
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

/** The graph with attention as one operator where it can be had so, else as it is. */
async function openFused(path: string): Promise<InferenceSession> {
  try {
    const fused = fuseAttention(await readFile(path));
    if (fused !== undefined) {
      const session = await openSession(fused, path);
      try {
        await forward(session, [0, 0]);
        return session;
      } catch (error) {
        await session.release();
        throw error;
      }
    }
  } catch {
    // Whatever is wrong with the file shows again below, and with the fused graph alone does not matter.
  }
  return openSession(path);
}

/** How many positions the model of a config.json has; no limit if it does not say. */
async function positionsOf(path: string): Promise<number> {
  try {
    return ModelConfig.parse(JSON.parse(await readFile(path, "utf8"))).max_position_embeddings ?? Infinity;
  } catch (cause) {
    throw new InputError(`${path} cannot be used (${reasonOf(cause)})`, "download the model again", {
      cause,
    });
  }
}

/** Vectors of a text's tokens, [1, tokens, dimension]. */
async function forward(session: InferenceSession, window: Window): Promise<Tensor> {
  const { Tensor } = await import("onnxruntime-node");
  const tokens = window.length;
  const inputs: Readonly<Record<string, (token: number) => number>> = {
    input_ids: (token) => window[token]!,
    attention_mask: () => 1,
    token_type_ids: () => 0,
    position_ids: (token) => token,
  };
  const feeds: Record<string, Tensor> = {};
  for (const name of session.inputNames) {
    const valueOf = inputs[name];
    if (valueOf === undefined) throw notAnEncoder(`wants the input ${name}`);
    const values = BigInt64Array.from({ length: tokens }, (_, token) => BigInt(valueOf(token)));
    feeds[name] = new Tensor("int64", values, [1, tokens]);
  }
  const outputs = await session.run(feeds).catch((cause: unknown) => {
    const problem = `embed.model fails on a text of ${tokens} tokens (${reasonOf(cause)})`;
    throw new InputError(problem, "set embed.maxTokens to what the model allows, or use another", { cause });
  });
  for (const name of outputNames) {
    if (outputs[name]?.dims.length === 3) return outputs[name];
  }
  throw notAnEncoder(`has outputs ${session.outputNames.join(", ")} but no vector per token`);
}

function notAnEncoder(problem: string): ConfigError {
  return new ConfigError(
    `embed.model ${problem}`,
    "use a feature-extraction model: token ids and mask in, last_hidden_state out",
  );
}
