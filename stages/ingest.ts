/**
 * Stage 1: raw documents in, one canonical table out.
 *
 *   in    files of the config's sources
 *   out   documents-*.parquet  id, text, source, sourceId, url, tokens, bytes and any score columns
 *         tokens-*.npy         token ids of the same rows, one after the other
 *         skipped.jsonl        every record that was left out: file, line, reason
 *
 * Documents are sorted by id, a hash of their text: the table does not depend on how the input was cut into
 * files, and is in a random order.
 */
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../pipeline/core/errors.ts";
import type { ShardContext } from "../pipeline/core/shard-step.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { bucketCount, bucketFile, planReadShards } from "../pipeline/corpus/plan.ts";
import type { InputFile } from "../pipeline/corpus/discover.ts";
import { mergeBucket } from "../pipeline/corpus/merge-bucket.ts";
import { readShard } from "../pipeline/corpus/read-shard.ts";
import { loadTokenizer } from "../pipeline/corpus/tokenizer.ts";
import type { CorpusConfig, SourceConfig, TokenizerName } from "../pipeline/schema/config.ts";
import { placeFile } from "./place-file.ts";
import { runAsScript } from "./shard-main.ts";

const Counts = z.strictObject({ documents: z.int(), tokens: z.int(), bytes: z.int() });

export const IngestResult = z.strictObject({
  ...Counts.shape,
  /** Records left out, by reason. */
  skipped: z.record(z.string(), z.int()),
  bySource: z.record(z.string(), Counts),
  /** Numeric columns carried from the sources. */
  scores: z.array(z.string()),
  vocabularySize: z.int(),
  shards: z.array(z.strictObject({ documents: z.string(), tokens: z.string(), rows: z.int() })),
  inputs: z.array(
    z.strictObject({ source: z.string(), file: z.string(), bytes: z.int(), sha256: z.string() }),
  ),
});
export type IngestResult = z.infer<typeof IngestResult>;

export interface IngestConfig {
  readonly files: readonly (InputFile & { readonly sha256: string })[];
  readonly sources: readonly SourceConfig[];
  readonly limits: Omit<CorpusConfig, "sources">;
  readonly tokenizer: TokenizerName;
}

const MergeResult = z.object({
  ...Counts.shape,
  duplicates: z.int(),
  bySource: z.record(z.string(), Counts),
});

export const ingest: Stage<IngestConfig, Record<string, never>, IngestResult> = {
  name: "ingest",
  version: 1,
  entry: import.meta.filename,
  result: IngestResult,
  recorded: ({ files, sources, limits, tokenizer }) => ({
    files: files.map(({ source, name, format, bytes, sha256 }) => ({ source, name, format, bytes, sha256 })),
    sources: sources.map(({ name, fields, scores }) => ({ name, fields, scores })),
    limits,
    tokenizer,
  }),
  steps: { read, merge },

  async run({ files, sources, limits, tokenizer }, _inputs, { shards, outDir }) {
    const scores = [...new Set(sources.flatMap((source) => source.scores))].sort();
    const buckets = bucketCount(
      files.reduce((total, file) => total + file.bytes, 0),
      limits.shardBytes,
    );
    const parts = await shards(
      "read",
      { sources, limits, scores, buckets },
      planReadShards(files, limits.shardBytes),
    );

    const bucketInputs = Array.from({ length: buckets }, (_, index) => ({
      index,
      inputs: parts.flatMap((part) => part.files.get(bucketFile(index)) ?? []),
    }));
    const merged = await shards("merge", { tokenizer, scores }, bucketInputs);

    const skipped: Record<string, number> = {};
    for (const part of [...parts, ...merged])
      await collectSkipped(part.files, join(outDir, "skipped.jsonl"), skipped);
    const result: IngestResult = {
      documents: 0,
      tokens: 0,
      bytes: 0,
      skipped,
      bySource: Object.fromEntries(sources.map(({ name }) => [name, { documents: 0, tokens: 0, bytes: 0 }])),
      scores,
      vocabularySize: (await loadTokenizer(tokenizer)).vocabularySize,
      shards: [],
      inputs: files.map(({ source, name, bytes, sha256 }) => ({ source, file: name, bytes, sha256 })),
    };
    for (const part of merged) {
      const counts = MergeResult.parse(part.result);
      addCounts(result, counts);
      for (const [source, of] of Object.entries(counts.bySource)) addCounts(result.bySource[source]!, of);
      if (counts.documents === 0) continue;
      const shard = String(result.shards.length).padStart(5, "0");
      const names = { documents: `documents-${shard}.parquet`, tokens: `tokens-${shard}.npy` };
      for (const [path, from] of part.files) {
        if (path.startsWith("documents-")) await placeFile(from, join(outDir, names.documents));
        if (path.startsWith("tokens-")) await placeFile(from, join(outDir, names.tokens));
      }
      result.shards.push({ ...names, rows: counts.documents });
    }
    if (result.documents === 0) {
      throw new InputError(
        `none of the ${files.length} input files holds a usable document (skipped: ${JSON.stringify(skipped)})`,
        "check sources[].fields.text and corpus.minCharacters",
      );
    }
    return result;
  },
};

/** Step read: parse, clean and count the records of some files; write them by id into buckets. */
async function read(
  common: {
    sources: SourceConfig[];
    limits: Omit<CorpusConfig, "sources">;
    scores: string[];
    buckets: number;
  },
  files: InputFile[],
  { outDir, signal, progress }: ShardContext,
): Promise<unknown> {
  return readShard({ ...common, files, outDir, signal, onProgress: progress });
}

/** Step merge: drop exact duplicates within a bucket (equal texts share it), sort, tokenise, write Parquet. */
async function merge(
  common: { tokenizer: TokenizerName; scores: string[] },
  bucket: { index: number; inputs: string[] },
  { outDir, signal, progress }: ShardContext,
): Promise<unknown> {
  const tokenizer = await loadTokenizer(common.tokenizer);
  return mergeBucket({ ...bucket, tokenizer, scores: common.scores, outDir, signal, onProgress: progress });
}

function addCounts(to: z.infer<typeof Counts>, add: z.infer<typeof Counts>): void {
  to.documents += add.documents;
  to.tokens += add.tokens;
  to.bytes += add.bytes;
}

async function collectSkipped(
  files: ReadonlyMap<string, string>,
  log: string,
  skipped: Record<string, number>,
): Promise<void> {
  for (const name of ["skipped.jsonl", "duplicates.jsonl"]) {
    const path = files.get(name);
    if (path === undefined) continue;
    const lines = await readFile(path, "utf8");
    await appendFile(log, lines);
    for (const line of lines.split("\n")) {
      if (line === "") continue;
      const { reason } = JSON.parse(line) as { reason: string };
      skipped[reason] = (skipped[reason] ?? 0) + 1;
    }
  }
}

await runAsScript(ingest);
