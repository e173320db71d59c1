import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { InputError, InterruptedError } from "../core/errors.ts";
import { writeNpy } from "../core/npy.ts";
import { type BucketRow, unpackVector } from "./bucket-row.ts";
import type { RowRange } from "./bucket-rows.ts";
import { compareBytes } from "./byte-order.ts";
import { type DistinctRow, readDistinctRows } from "./distinct-rows.ts";
import { documentColumns } from "./document-columns.ts";
import { LineFiles } from "./line-files.ts";
import { ndjsonToParquet } from "./ndjson-to-parquet.ts";
import { type PartStarts, placeOf, placeText } from "./part-starts.ts";
import type { Tokenizer } from "./tokenizer.ts";

export interface MergeBucketInput {
  /** Rows of this bucket, and perhaps of others, from all reading shards, in any order. */
  readonly inputs: readonly RowRange[];
  /** Rows of other buckets than this one of `buckets` are passed over. */
  readonly index: number;
  readonly buckets: number;
  /** To name places in files that were cut by bytes. */
  readonly starts: PartStarts;
  /** Ids of near duplicates that go, to the id that stays. */
  readonly nearDuplicates: ReadonlyMap<string, string>;
  readonly tokenizer: Tokenizer;
  /** Names of the rows' scores. */
  readonly scores: readonly string[];
  readonly outDir: string;
  readonly signal: AbortSignal;
  /** In documents. */
  readonly onProgress: (done: number, total: number) => void;
}

interface DocumentCounts {
  documents: number;
  tokens: number;
  /** UTF-8 bytes of text. */
  bytes: number;
}

export interface MergeCounts extends DocumentCounts {
  duplicates: number;
  /** Documents with a label of their source's. */
  labelled: number;
  /** Questions with answers. */
  questions: number;
  /** Documents with an embedding of their source's, and its length; 0 if none has one. */
  vectors: number;
  dimension: number;
  /** By name of source, sorted. */
  bySource: Record<string, DocumentCounts>;
}

/**
 * Drop exact duplicates within a bucket (equal texts share an id and so a bucket), sort by id and tokenise.
 * Of equal texts the one with the smallest source, file and line stays.
 *
 *   out   documents-<index>.parquet  columns of documentColumns
 *         tokens-<index>.npy         token ids of the rows, one after the other; uint16 if the vocabulary fits
 *         vectors-<index>.npy        float32, rows * dimension, if a document brought an embedding; NaN for one without
 *         duplicates.jsonl           the dropped ones, as in skipped.jsonl
 *
 * No file is written that would be empty. The bytes do not depend on the order of `inputs` or of their lines.
 *
 * @throws InputError if two embeddings differ in length
 * @throws ConfigError if a score has the name of another column
 * @throws InterruptedError if `signal` is aborted
 */
export async function mergeBucket(input: MergeBucketInput): Promise<MergeCounts> {
  const { inputs, index, buckets, starts, nearDuplicates, tokenizer, scores, outDir, signal, onProgress } =
    input;
  const columns = documentColumns(scores);
  const log = new LineFiles(outDir);
  const kept: BucketRow[] = [];
  let duplicates = 0;
  for (const distinct of await readDistinctRows(inputs, index, buckets)) {
    const like = nearDuplicates.get(distinct.row.id);
    if (like === undefined) kept.push(distinct.row);
    for (const skip of skipsOf(distinct, like, starts)) {
      await log.add("duplicates.jsonl", skip);
      duplicates++;
    }
  }
  await log.flush();

  const counts: MergeCounts = {
    documents: 0,
    tokens: 0,
    bytes: 0,
    duplicates,
    labelled: 0,
    questions: 0,
    vectors: 0,
    dimension: 0,
    bySource: {},
  };
  for (const source of [...new Set(kept.map((row) => row.source))].sort(compareBytes)) {
    counts.bySource[source] = { documents: 0, tokens: 0, bytes: 0 };
  }
  if (kept.length === 0) return counts;

  const shard = String(index).padStart(5, "0");
  const table = join(outDir, `documents-${shard}.ndjson`);
  const TokenArray = tokenizer.vocabularySize <= 2 ** 16 ? Uint16Array : Uint32Array;
  const tokenParts: (Uint16Array | Uint32Array)[] = [];
  let longestLineBytes = 2 ** 16;
  const file = await open(table, "w");
  try {
    for (const {
      id,
      text,
      source,
      sourceId,
      url,
      language,
      label,
      metadata,
      question,
      bytes,
      scores: values,
    } of kept) {
      if (signal.aborted) throw new InterruptedError();
      const ids = TokenArray.from(tokenizer.encode(text));
      tokenParts.push(ids);
      const named = Object.fromEntries(scores.map((name, column) => [name, values[column] ?? null]));
      const given = { language, label, metadata, question };
      const row = { id, text, source, sourceId, url, ...given, tokens: ids.length, bytes, ...named };
      const line = Buffer.from(`${JSON.stringify(row)}\n`);
      longestLineBytes = Math.max(longestLineBytes, line.length);
      await file.appendFile(line);
      if (label !== undefined) counts.labelled++;
      if (question !== undefined) counts.questions++;
      for (const sum of [counts, counts.bySource[source]!]) {
        sum.documents++;
        sum.tokens += ids.length;
        sum.bytes += bytes;
      }
      onProgress(counts.documents, kept.length);
    }
  } finally {
    await file.close();
  }
  await ndjsonToParquet(table, join(outDir, `documents-${shard}.parquet`), columns, longestLineBytes);
  await rm(table);

  const tokens = new TokenArray(counts.tokens);
  let start = 0;
  for (const part of tokenParts) {
    tokens.set(part, start);
    start += part.length;
  }
  await writeNpy(join(outDir, `tokens-${shard}.npy`), tokens, [tokens.length]);

  const vectors = gatherVectors(kept, starts);
  if (vectors !== undefined) {
    const { data, dimension } = vectors;
    Object.assign(counts, { vectors: vectors.count, dimension });
    await writeNpy(join(outDir, `vectors-${shard}.npy`), data, [kept.length, dimension]);
  }
  return counts;
}

function gatherVectors(
  rows: readonly BucketRow[],
  starts: PartStarts,
): { data: Float32Array; dimension: number; count: number } | undefined {
  const first = rows.find(({ vector }) => vector !== undefined);
  if (first === undefined) return undefined;
  const dimension = unpackVector(first.vector!).length;
  const data = new Float32Array(rows.length * dimension).fill(Number.NaN);
  let count = 0;
  const placed = (row: BucketRow) => placeText(row.file, placeOf(starts, row));
  for (const [row, of] of rows.entries()) {
    if (of.vector === undefined) continue;
    const values = unpackVector(of.vector);
    if (values.length !== dimension) {
      throw new InputError(
        `${placed(of)}: an embedding of ${values.length} numbers, and ${placed(first)} has ${dimension}`,
        "embeddings of one corpus are of one model; set fields.embedding of the sources, or none",
      );
    }
    data.set(values, row * dimension);
    count++;
  }
  return { data, dimension, count };
}

/** What is left out of a document's rows: all copies but one, and that one too if it is a near duplicate. */
function* skipsOf(
  { row, copies }: DistinctRow,
  like: string | undefined,
  starts: PartStarts,
): Generator<Record<string, unknown>> {
  const { source, file } = row;
  const first = placeOf(starts, row);
  if (like !== undefined) {
    yield { source, file, ...first, reason: "near-duplicate", detail: `much the same as ${like}` };
  }
  const detail = `same text as ${source} ${placeText(file, first)}`;
  for (const copy of copies) {
    yield {
      source: copy.source,
      file: copy.file,
      ...placeOf(starts, copy),
      reason: "duplicate",
      detail,
    };
  }
}
