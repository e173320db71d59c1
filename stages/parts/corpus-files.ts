import type { Artifact } from "../../pipeline/core/artifact.ts";
import type { CorpusFile } from "../../pipeline/materialize/gather.ts";

/** What ingest says of its files. */
export interface CorpusFolder {
  readonly shards: readonly Pick<CorpusFile, "documents" | "tokens" | "rows">[];
}

/** The files of the corpus, in row order. */
export function corpusFiles(corpus: Artifact<CorpusFolder>): CorpusFile[] {
  let firstRow = 0;
  return corpus.result.shards.map(({ documents, tokens, rows }) => {
    const file = { documents: corpus.path(documents), tokens: corpus.path(tokens), firstRow, rows };
    firstRow += rows;
    return file;
  });
}
