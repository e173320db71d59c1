/**
 * Stage 1: raw documents in, one canonical table out.
 *
 *   in    files of the config's sources
 *   out   documents-*.parquet  id, text, source, sourceId, url, language, label, metadata, tokens, bytes and any
 *                              score columns; label is the cluster or domain the source has a document in,
 *                              metadata what its folders say, as JSON
 *         tokens-*.npy         token ids of the same rows, one after the other
 *         vectors-*.npy        embeddings the source brought, rows * dimension; NaN for a document without
 *         skipped.jsonl        every record that was left out: file, line, reason; behind damage in a file that was
 *                              cut, line counts from fromByte, as nobody knows how many lines came before
 *
 * Documents are sorted by id, a hash of their text: the table does not depend on how the input was cut into
 * files, and is in a random order.
 */
import { join } from "node:path";
import { z } from "zod";
import { createCleaner, signalColumns } from "../pipeline/clean/cleaner.ts";
import type { ShardContext } from "../pipeline/core/shard-step.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { rowsFile } from "../pipeline/corpus/bucket-rows.ts";
import { type PartStarts, partStarts } from "../pipeline/corpus/part-starts.ts";
import { bucketCount, type MergeShard, planMergeShards, planReadShards } from "../pipeline/corpus/plan.ts";
import type { InputFile, LeftAside } from "../pipeline/corpus/discover.ts";
import { mergeBucket } from "../pipeline/corpus/merge-bucket.ts";
import type { Reading } from "../pipeline/corpus/recognise.ts";
import { readShard } from "../pipeline/corpus/read-shard.ts";
import { scoreCoverage } from "../pipeline/corpus/score-coverage.ts";
import { splitFile } from "../pipeline/corpus/split-file.ts";
import { loadTokenizer } from "../pipeline/corpus/tokenizer.ts";
import type { TokenizerName } from "../pipeline/schema/config.ts";
import type { CorpusConfig, SourceConfig } from "../pipeline/schema/corpus-config.ts";
import { checkSources } from "./parts/check-sources.ts";
import { type CleanLists, readCleanLists } from "./parts/clean-lists.ts";
import {
  addCounts,
  Counts,
  Masked,
  MergeResult,
  ReadResult,
  sumByFile,
  sumVectors,
  VectorCounts,
} from "./parts/ingest-counts.ts";
import {
  band,
  findNearDuplicates,
  link,
  type NearDuplicates,
  readNearDuplicates,
} from "./parts/near-duplicates.ts";
import { placeFile } from "./parts/place-file.ts";
import { SkipLog } from "./parts/skip-log.ts";
import { runAsScript } from "./parts/shard-main.ts";

export const IngestResult = z.strictObject({
  ...Counts.shape,
  /** Records left out, by reason. */
  skipped: z.record(z.string(), z.int()),
  bySource: z.record(z.string(), Counts),
  /** What each source was taken for, by format. */
  layouts: z.array(
    z.strictObject({ source: z.string(), format: z.string(), layout: z.string(), why: z.string() }),
  ),
  /** Numeric columns carried from the sources. */
  scores: z.array(z.string()),
  /** Documents whose source has them in a cluster or domain: column label. */
  labelled: z.int(),
  /** Questions with answers ({ context, continuation, alternatives }). */
  questions: z.int(),
  /** Documents that brought an embedding, and its length; null if none did. */
  vectors: VectorCounts,
  /** Documents in which addresses were masked, and how many. */
  masked: Masked,
  vocabularySize: z.int(),
  shards: z.array(
    z.strictObject({
      documents: z.string(),
      tokens: z.string(),
      vectors: z.string().nullable(),
      rows: z.int(),
    }),
  ),
  inputs: z.array(
    z.strictObject({
      source: z.string(),
      file: z.string(),
      bytes: z.int(),
      sha256: z.string(),
      /** Kept of its records, before duplicates are dropped; none of a file that lies beside documents. */
      documents: z.int(),
    }),
  ),
});
export type IngestResult = z.infer<typeof IngestResult>;

type HashedFile = Omit<InputFile, "beside"> & {
  readonly sha256: string;
  readonly beside: readonly (InputFile["beside"][number] & { readonly sha256: string })[];
};

export interface IngestConfig {
  readonly files: readonly HashedFile[];
  readonly leftAside: readonly LeftAside[];
  readonly sources: readonly SourceConfig[];
  readonly readings: readonly Reading[];
  readonly limits: Omit<CorpusConfig, "sources">;
  /** sha256 of the files of limits.clean. */
  readonly lists: CleanLists;
  readonly tokenizer: TokenizerName;
}

/** Text in memory while a bucket is merged, in shards of reading: compressed input grows by about as much. */
const mergeBytes = 4;

export const ingest: Stage<IngestConfig, Record<string, never>, IngestResult> = {
  name: "ingest",
  version: 9,
  entry: import.meta.filename,
  result: IngestResult,
  recorded: ({ files, leftAside, readings, limits, lists, tokenizer }) => ({
    files: files.map(({ source, name, format, bytes, sha256, folderKeys, beside }) => ({
      source,
      name,
      format,
      bytes,
      sha256,
      folderKeys,
      beside: beside.map(({ name, sha256 }) => ({ name, sha256 })),
    })),
    leftAside,
    readings,
    limits: { ...limits, clean: { ...limits.clean, ...lists } },
    tokenizer,
  }),
  steps: { read, band, link, merge },

  async run(
    { files, leftAside, sources, readings, limits, tokenizer },
    _inputs,
    { shards, outDir, progress },
  ) {
    for (const { source, format, layout, why } of readings) {
      progress({ event: "note", stage: "ingest", text: `source ${source}, ${format}: ${layout} (${why})` });
    }
    const scores = [...new Set(readings.flatMap((reading) => reading.scores))].sort();
    const buckets = bucketCount(
      files.reduce((total, file) => total + file.bytes, 0),
      limits.shardBytes,
    );
    const inputs: InputFile[] = [];
    for (const file of files) inputs.push(...(await splitFile(file, limits.shardBytes)));
    const parts = await shards(
      "read",
      { readings, limits, scores, buckets },
      planReadShards(inputs, limits.shardBytes),
    );
    const counts = parts.map((part) => ReadResult.parse(part.result));
    const documentsOf = sumByFile(counts.flatMap(({ kept }) => kept));
    const starts = partStarts(counts.flatMap(({ parts }) => parts));
    const rows = parts.flatMap((part, index) => {
      const path = part.files.get(rowsFile);
      return path === undefined ? [] : { path, buckets: counts[index]!.buckets };
    });
    const { nearDuplicates } = limits.clean;
    const documentsRead = counts.reduce((sum, { documents }) => sum + documents, 0);
    const found =
      nearDuplicates === null
        ? null
        : await findNearDuplicates(nearDuplicates, parts, documentsRead, buckets, shards);
    const columns = [...scores, ...signalColumns(limits.signals, limits.clean)];
    const merged = await shards(
      "merge",
      { tokenizer, scores: columns, starts, rows, nearDuplicates: found },
      planMergeShards(
        rows.map((of) => of.buckets),
        mergeBytes * limits.shardBytes,
      ),
    );

    const log = new SkipLog(outDir);
    for (const { source, name, why } of leftAside) {
      await log.add({ source, file: name, line: 0, reason: "unknown-format", detail: why });
    }
    for (const part of [...parts, ...merged]) await log.collect(part.files, starts);
    await log.flush();
    const result: IngestResult = {
      documents: 0,
      tokens: 0,
      bytes: 0,
      skipped: log.reasons,
      bySource: Object.fromEntries(sources.map(({ name }) => [name, { documents: 0, tokens: 0, bytes: 0 }])),
      layouts: readings.map(({ source, format, layout, why }) => ({ source, format, layout, why })),
      scores: columns,
      labelled: 0,
      questions: 0,
      vectors: null,
      masked: {
        documents: counts.reduce((sum, { masked }) => sum + masked.documents, 0),
        addresses: counts.reduce((sum, { masked }) => sum + masked.addresses, 0),
      },
      vocabularySize: (await loadTokenizer(tokenizer)).vocabularySize,
      shards: [],
      inputs: files.flatMap(({ source, beside, ...file }) =>
        [file, ...beside].map(({ name, bytes, sha256 }) => ({
          source,
          file: name,
          bytes,
          sha256,
          documents: documentsOf(source, name),
        })),
      ),
    };
    for (const part of merged) {
      const counts = MergeResult.parse(part.result);
      addCounts(result, counts);
      for (const [source, of] of Object.entries(counts.bySource)) addCounts(result.bySource[source]!, of);
      if (counts.documents === 0) continue;
      const shard = String(result.shards.length).padStart(5, "0");
      const names = {
        documents: `documents-${shard}.parquet`,
        tokens: `tokens-${shard}.npy`,
        vectors: counts.vectors > 0 ? `vectors-${shard}.npy` : null,
      };
      for (const [path, from] of part.files) {
        if (path.startsWith("documents-")) await placeFile(from, join(outDir, names.documents));
        if (path.startsWith("tokens-")) await placeFile(from, join(outDir, names.tokens));
        if (path.startsWith("vectors-")) await placeFile(from, join(outDir, names.vectors!));
      }
      result.shards.push({ ...names, rows: counts.documents });
      result.labelled += counts.labelled;
      result.questions += counts.questions;
      result.vectors = sumVectors(result.vectors, counts);
    }
    const documents = result.shards.map((shard) => join(outDir, shard.documents));
    checkSources(sources, result, log, await scoreCoverage(documents, scores));
    return result;
  },
};

/** Step read: parse, measure, clean and count the records of some files; write them by id into buckets. */
async function read(
  common: {
    readings: Reading[];
    limits: Omit<CorpusConfig, "sources">;
    scores: string[];
    buckets: number;
  },
  files: InputFile[],
  { outDir, signal, progress }: ShardContext,
): Promise<unknown> {
  const { clean, signals } = common.limits;
  const cleaner = await createCleaner(clean, signals, await readCleanLists(clean));
  const { nearDuplicates } = clean;
  return readShard({ ...common, files, cleaner, nearDuplicates, outDir, signal, onProgress: progress });
}

/** Step merge: drop exact duplicates within a bucket (equal texts share it), sort, tokenise, write Parquet. */
async function merge(
  {
    rows,
    nearDuplicates: found,
    ...common
  }: {
    tokenizer: TokenizerName;
    scores: string[];
    starts: PartStarts;
    rows: { path: string; buckets: number[] }[];
    nearDuplicates: NearDuplicates | null;
  },
  shard: MergeShard,
  { outDir, signal, progress }: ShardContext,
): Promise<unknown> {
  const tokenizer = await loadTokenizer(common.tokenizer);
  const { bucket, index, buckets } = shard;
  const inputs = rows.map((of) => ({
    path: of.path,
    from: of.buckets[bucket]!,
    to: of.buckets[bucket + 1]!,
  }));
  const nearDuplicates = found === null ? new Map<string, string>() : await readNearDuplicates(found, shard);
  return mergeBucket({
    ...common,
    nearDuplicates,
    inputs,
    index,
    buckets,
    tokenizer,
    outDir,
    signal,
    onProgress: progress,
  });
}

runAsScript(ingest);
