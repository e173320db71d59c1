import type { Embedder } from "./embedder.ts";
import type { ModelFiles } from "./model-files.ts";
import { modelText } from "./model-text.ts";
import { openSession } from "./open-session.ts";
import type { EmbedSettings } from "./settings.ts";
import { writeUnitRow } from "./unit-row.ts";
import { WholeWordTokenizer } from "./whole-word-tokenizer.ts";

/**
 * Embeddings by summing word vectors. The model is an ordinary ONNX graph, but since a token's vector does not
 * depend on its neighbours, the graph is run once over all token ids and then only looked up. TransformerEmbedder
 * on the same directory is its reference; this is some five times faster.
 */
export class StaticEmbedder implements Embedder {
  readonly identity: string;
  readonly dimension: number;
  readonly #settings: EmbedSettings;
  readonly #tokenizer: WholeWordTokenizer;
  /** Vector of each token id, ids * dimension. */
  readonly #table: Float32Array;

  private constructor(
    identity: string,
    settings: EmbedSettings,
    tokenizer: WholeWordTokenizer,
    table: Float32Array,
  ) {
    this.identity = identity;
    this.dimension = table.length / tokenizer.size;
    this.#settings = settings;
    this.#tokenizer = tokenizer;
    this.#table = table;
  }

  static async open(files: ModelFiles, settings: EmbedSettings, identity: string): Promise<StaticEmbedder> {
    const tokenizer = await WholeWordTokenizer.read(files.tokenizer);
    return new StaticEmbedder(identity, settings, tokenizer, await readTable(files.graph, tokenizer.size));
  }

  async embed(texts: readonly string[], done: (texts: number) => void = () => {}): Promise<Float32Array> {
    const { prefix, longTexts } = this.#settings;
    // The average of a text's pieces is the sum of all its words.
    const maxTokens = longTexts === "average" ? Infinity : this.#settings.maxTokens;
    const { dimension } = this;
    const table = this.#table;
    const rows = new Float32Array(texts.length * dimension);
    const sum = new Float64Array(dimension);
    for (const [row, text] of texts.entries()) {
      sum.fill(0);
      for (const id of this.#tokenizer.encode(modelText(text, prefix, maxTokens), maxTokens)) {
        const start = id * dimension;
        for (let i = 0; i < dimension; i++) sum[i] = sum[i]! + table[start + i]!;
      }
      writeUnitRow(sum, rows, row);
      done(1);
    }
    return rows;
  }

  async close(): Promise<void> {}
}

/** The graph's vector of every token id, ids * dimension. */
async function readTable(graph: string, ids: number): Promise<Float32Array> {
  const session = await openSession(graph);
  const { Tensor } = await import("onnxruntime-node");
  const all = BigInt64Array.from({ length: ids }, (_, id) => BigInt(id));
  const { last_hidden_state } = await session.run({
    input_ids: new Tensor("int64", all, [1, ids]),
    attention_mask: new Tensor("int64", new BigInt64Array(ids).fill(1n), [1, ids]),
  });
  const table = last_hidden_state!.data as Float32Array;
  await session.release();
  return table;
}
