import { readFile } from "node:fs/promises";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { z } from "zod";
import { ConfigError, InputError } from "../core/errors.ts";
import type { EmbedConfig } from "../schema/embed-config.ts";
import type { Embedder } from "./embedder.ts";
import { loadTokenizer, type ModelTokenizer } from "./load-tokenizer.ts";
import type { ModelFiles } from "./model-files.ts";
import { modelText } from "./model-text.ts";
import { openSession } from "./open-session.ts";
import { reasonOf } from "./reason-of.ts";
import { writeUnitRow } from "./unit-row.ts";

const ModelConfig = z.object({ max_position_embeddings: z.int().positive().optional() });
const outputNames = ["last_hidden_state", "token_embeddings"] as const;

/**
 * Embeddings by a feature-extraction model: tokens, one forward pass a text, pooling over the tokens.
 *
 * A text is a batch of its own. Padding a batch costs more than batching gains, and the dynamic quantisation of
 * int8 models takes its scales from the whole batch, so that a text's vector would depend on its neighbours.
 */
export class TransformerEmbedder implements Embedder {
  readonly identity: string;
  readonly dimension: number;
  readonly #config: EmbedConfig;
  readonly #tokenizer: ModelTokenizer;
  readonly #session: InferenceSession;

  private constructor(
    identity: string,
    dimension: number,
    config: EmbedConfig,
    tokenizer: ModelTokenizer,
    session: InferenceSession,
  ) {
    this.identity = identity;
    this.dimension = dimension;
    this.#config = config;
    this.#tokenizer = tokenizer;
    this.#session = session;
  }

  static async open(files: ModelFiles, config: EmbedConfig, identity: string): Promise<TransformerEmbedder> {
    const maxTokens = Math.min(config.maxTokens, await positionsOf(files.config));
    const tokenizer = await loadTokenizer(files.folder, maxTokens);
    const session = await openSession(files.graph);
    const probe = await forward(session, [0]).catch(async (error: unknown) => {
      await session.release();
      throw error;
    });
    return new TransformerEmbedder(identity, probe.dims[2]!, config, tokenizer, session);
  }

  async embed(texts: readonly string[]): Promise<Float32Array> {
    const rows = new Float32Array(texts.length * this.dimension);
    const vector = new Float64Array(this.dimension);
    const { pooling, prefix } = this.#config;
    for (const [row, text] of texts.entries()) {
      const { maxTokens } = this.#tokenizer;
      const ids = this.#tokenizer.encode(modelText(text, prefix, maxTokens));
      vector.fill(0);
      if (ids.length > 0) {
        const states = (await forward(this.#session, ids)).data as Float32Array;
        sumTokens(states, pooling === "cls" ? 1 : ids.length, vector);
      }
      if (!writeUnitRow(vector, rows, row)) {
        throw new InputError(
          `embed.model ${this.#config.model} gives no finite vector for the text '${text.slice(0, 60)}'`,
          "set embed.precision to the other one, or use another model",
        );
      }
    }
    return rows;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
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

/** Sum of the first `tokens` token vectors; the mean differs from it only by a length, which is 1 in the end. */
function sumTokens(states: Float32Array, tokens: number, sum: Float64Array): void {
  const dimension = sum.length;
  for (let token = 0; token < tokens; token++) {
    for (let i = 0; i < dimension; i++) sum[i] = sum[i]! + states[token * dimension + i]!;
  }
}

/** Token vectors of one text, [1, tokens, dimension]. */
async function forward(session: InferenceSession, ids: readonly number[]): Promise<Tensor> {
  const { Tensor } = await import("onnxruntime-node");
  const dims = [1, ids.length];
  const feeds: Record<string, Tensor> = {
    input_ids: new Tensor("int64", BigInt64Array.from(ids, BigInt), dims),
    attention_mask: new Tensor("int64", new BigInt64Array(ids.length).fill(1n), dims),
    token_type_ids: new Tensor("int64", new BigInt64Array(ids.length), dims),
  };
  const wanted: Record<string, Tensor> = {};
  for (const name of session.inputNames) {
    const feed = feeds[name];
    if (feed === undefined) throw notAnEncoder(`wants the input ${name}`);
    wanted[name] = feed;
  }
  const outputs = await session.run(wanted).catch((cause: unknown) => {
    const problem = `embed.model fails on a text of ${ids.length} tokens (${reasonOf(cause)})`;
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
