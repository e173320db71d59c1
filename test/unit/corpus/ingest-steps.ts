/** The two steps of ingest, as the stage runs them by shards. */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { InputFile } from "../../../pipeline/corpus/discover.ts";
import { mergeBucket, type MergeCounts } from "../../../pipeline/corpus/merge-bucket.ts";
import { bucketFile } from "../../../pipeline/corpus/plan.ts";
import { type ReadCounts, readShard, type ReadShardInput } from "../../../pipeline/corpus/read-shard.ts";
import type { Tokenizer } from "../../../pipeline/corpus/tokenizer.ts";
import { fields } from "./input-files.ts";

export const limits = { minCharacters: 3, maxCharacters: 1000, onBadFile: "error" as const };

/** One token a character. */
export const characterTokenizer: Tokenizer = {
  name: "gpt2",
  vocabularySize: 2 ** 16,
  encode: (text) => Array.from({ length: text.length }, (_, index) => text.charCodeAt(index)),
};

const quiet = { signal: new AbortController().signal, onProgress: () => {} };

export async function read(
  outDir: string,
  files: readonly InputFile[],
  options: Partial<ReadShardInput> = {},
): Promise<ReadCounts> {
  await mkdir(outDir, { recursive: true });
  const readings = files.map(({ source, format }) => ({
    source,
    format,
    fields,
    scores: options.scores ?? [],
  }));
  return readShard({ files, readings, limits, scores: [], buckets: 1, outDir, ...quiet, ...options });
}

/** Merge one bucket of what was read into the given folders. */
export async function merge(
  outDir: string,
  readDirs: readonly string[],
  index = 0,
  scores: readonly string[] = [],
): Promise<MergeCounts> {
  await mkdir(outDir, { recursive: true });
  const inputs: string[] = [];
  for (const dir of readDirs) {
    if ((await readdir(dir)).includes(bucketFile(index))) inputs.push(join(dir, bucketFile(index)));
  }
  return mergeBucket({ inputs, index, tokenizer: characterTokenizer, scores, outDir, ...quiet });
}

export async function jsonLines(path: string): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
