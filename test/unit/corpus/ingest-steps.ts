/** The two steps of ingest, as the stage runs them by shards. */
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { InputFile } from "../../../pipeline/corpus/discover.ts";
import {
  mergeBucket,
  type MergeBucketInput,
  type MergeCounts,
} from "../../../pipeline/corpus/merge-bucket.ts";
import { type RowRange, rowsFile } from "../../../pipeline/corpus/bucket-rows.ts";
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

/** Everything that was read into the given folders. */
export async function rowsIn(readDirs: readonly string[]): Promise<RowRange[]> {
  const ranges: RowRange[] = [];
  for (const dir of readDirs) {
    if (!(await readdir(dir)).includes(rowsFile)) continue;
    const path = join(dir, rowsFile);
    ranges.push({ path, from: 0, to: (await stat(path)).size });
  }
  return ranges;
}

/** Merge one bucket of what was read into the given folders. */
export async function merge(
  outDir: string,
  readDirs: readonly string[],
  options: Partial<MergeBucketInput> = {},
): Promise<MergeCounts> {
  await mkdir(outDir, { recursive: true });
  const inputs = await rowsIn(readDirs);
  const whole = { index: 0, buckets: 1, starts: {}, nearDuplicates: new Map(), scores: [] };
  return mergeBucket({ inputs, tokenizer: characterTokenizer, outDir, ...whole, ...quiet, ...options });
}

export async function jsonLines(path: string): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
