import type { Artifact } from "../../pipeline/core/artifact.ts";
import type { IngestResult } from "../ingest.ts";

/** Rows [from, to) of one documents file. */
export interface DocumentRange {
  readonly documents: string;
  readonly from: number;
  readonly to: number;
}

/** Where the corpus's rows [from, to) lie, in order. */
export function documentRanges(corpus: Artifact<IngestResult>, from: number, to: number): DocumentRange[] {
  const ranges: DocumentRange[] = [];
  let start = 0;
  for (const { documents, rows } of corpus.result.shards) {
    const first = Math.max(from, start);
    const last = Math.min(to, start + rows);
    if (first < last)
      ranges.push({ documents: corpus.path(documents), from: first - start, to: last - start });
    start += rows;
  }
  return ranges;
}
