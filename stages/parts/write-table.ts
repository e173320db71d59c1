import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import { ndjsonToParquet } from "../../pipeline/corpus/ndjson-to-parquet.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import type { IngestResult } from "../ingest.ts";

/** Writes rows as JSON lines, however many. Closed once; an absent member is a NULL to those who read it. */
export async function writeJsonLines(path: string, rows: AsyncIterable<object>): Promise<void> {
  const stream = createWriteStream(path);
  // An error event without a listener would end the process; waiting below rejects with it instead.
  const failed = once(stream, "error").then(([error]) => Promise.reject(error as Error));
  failed.catch(() => {});
  for await (const row of rows) {
    if (!stream.write(`${JSON.stringify(row)}\n`)) await Promise.race([once(stream, "drain"), failed]);
  }
  stream.end();
  await Promise.race([once(stream, "close"), failed]);
}

/**
 * Writes rows as a Parquet file.
 *
 * @param columns name to DuckDB type, in the order they are written; an absent member is NULL
 */
export async function writeTable(
  path: string,
  columns: Readonly<Record<string, string>>,
  rows: AsyncIterable<object>,
): Promise<void> {
  const lines = `${path}.ndjson`;
  await writeJsonLines(lines, rows);
  await ndjsonToParquet(lines, path, columns);
  await rm(lines);
}

/** Columns of every document of a corpus, in row order. */
export async function* eachDocument(
  corpus: Artifact<IngestResult>,
  columns: readonly string[],
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  for (const { documents } of corpus.result.shards) {
    for await (const batch of readDocuments(corpus.path(documents), columns, { batchRows: 1024 }))
      yield* batch;
  }
}
