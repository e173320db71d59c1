import type { Artifact } from "../../pipeline/core/artifact.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import type { IngestResult } from "../ingest.ts";

const batchRows = 2048;

/** One column of an ingested corpus, for every row in order. */
export async function readColumn(corpus: Artifact<IngestResult>, column: string): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const { documents } of corpus.result.shards) {
    for await (const rows of readDocuments(corpus.path(documents), [column], { batchRows })) {
      for (const row of rows) values.push(row[column]);
    }
  }
  return values;
}

/** One column for the given rows, in the order they were asked for. Reads only the files that hold them. */
export async function readRows(
  corpus: Artifact<IngestResult>,
  column: string,
  rows: readonly number[],
): Promise<unknown[]> {
  const wanted = new Map<number, unknown>(rows.map((row) => [row, undefined]));
  let start = 0;
  for (const { documents, rows: count } of corpus.result.shards) {
    const end = start + count;
    const here = rows.some((row) => row >= start && row < end);
    let row = start;
    if (here) {
      for await (const batch of readDocuments(corpus.path(documents), [column], { batchRows })) {
        for (const values of batch) {
          if (wanted.has(row)) wanted.set(row, values[column]);
          row++;
        }
      }
    }
    start = end;
  }
  return rows.map((row) => wanted.get(row));
}
