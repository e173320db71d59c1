import { wholeWords } from "../../pipeline/embed/whole-word-tokenizer.ts";
import { sifWeights } from "./sif-weights.ts";
import type { WordVectors } from "./fetch-word-vectors.ts";

/** Ids 0 and 1: padding, and every word outside the vocabulary. Their rows are zero, so they add nothing to a sum. */
export const specialTokens = ["[PAD]", "[UNK]"] as const;

export interface VectorTable {
  /** Special tokens, then words by falling frequency; the index is the token id. */
  readonly vocabulary: readonly string[];
  /** SIF-weighted vectors, vocabulary * dimension. */
  readonly rows: Float32Array;
  readonly dimension: number;
}

/**
 * The `count` most frequent words that the tokenizer can produce ("well-known" it would split in three, and so
 * never look up), with their weighted vectors.
 */
export function buildVectorTable({ words, vectors, dimension }: WordVectors, count: number): VectorTable {
  const ranks: number[] = [];
  for (let rank = 0; rank < words.length && ranks.length < count; rank++) {
    const [word, ...rest] = wholeWords(words[rank]!);
    if (word === words[rank] && rest.length === 0) ranks.push(rank);
  }
  const weights = sifWeights(words.length);
  const rows = new Float32Array((specialTokens.length + ranks.length) * dimension);
  for (const [index, rank] of ranks.entries()) {
    const row = (specialTokens.length + index) * dimension;
    for (const [column, value] of vectors[rank]!.entries()) rows[row + column] = weights[rank]! * value;
  }
  return { vocabulary: [...specialTokens, ...ranks.map((rank) => words[rank]!)], rows, dimension };
}
