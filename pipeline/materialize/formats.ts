/** What a mixture can be written as, and what each format's files are called. */
import type { TokenizerName } from "../schema/config.ts";

/** Whole documents of text, by DuckDB. */
const textFormats = ["jsonl", "parquet"] as const;
/** Token ids, each document followed by the end-of-document token. */
const tokenFormats = ["megatron", "npy", "mds", "ds"] as const;

export const formats = [...textFormats, ...tokenFormats] as const;
export type TextFormat = (typeof textFormats)[number];
export type TokenFormat = (typeof tokenFormats)[number];
export type Format = (typeof formats)[number];

export function isTextFormat(format: Format): format is TextFormat {
  return (textFormats as readonly Format[]).includes(format);
}

/** What the files of an output shard end in; the one with the documents comes first. */
export const endings: Readonly<Record<Format, readonly string[]>> = {
  jsonl: [".jsonl"],
  parquet: [".parquet"],
  megatron: [".bin", ".idx"],
  npy: [".npy", ".csv.gz"],
  mds: [".mds"],
  ds: [".ds", ".ds.index", ".ds.metadata"],
};

/** <|endoftext|>: trainers find the ends of documents by it. It is never part of a document. */
export const endOfDocument: Readonly<Record<TokenizerName, number>> = {
  gpt2: 50_256,
  cl100k_base: 100_257,
  o200k_base: 199_999,
};

/**
 * Bytes of a token id. Megatron-LM reads uint16 below 65,500 ids and int32 from there on; no vocabulary in use lies
 * between that and 65,536, so that all formats follow it. MDS arrays are int32, as llm-foundry's converter writes them.
 */
export function tokenBytes(format: TokenFormat, vocabularySize: number): 2 | 4 {
  return format !== "mds" && vocabularySize < 65_500 ? 2 : 4;
}

/**
 * Path of an output shard below the folder, without its ending. `domain` is the id of its only domain, if it has one.
 * Megatron knows a domain by one prefix; llm-foundry looks in the folder of its split.
 */
export function shardStem(format: Format, shard: number, domain: string | undefined): string {
  const folder = domain === undefined ? "" : `${domain}/`;
  const number = String(shard).padStart(5, "0");
  if (format === "megatron" && domain !== undefined) return domain;
  return format === "mds" ? `${folder}train/shard.${number}` : `${folder}shard_${number}`;
}
