import { hasColumns, type Layout } from "./layout.ts";

/**
 * https://github.com/allenai/dolma: documents/ and, row for row, attributes/<name>/. Ids are unique only within a
 * source, which is the document's label here.
 */
export const dolma: Layout = {
  name: "dolma",
  shownBy: (seen) => {
    const columns = hasColumns(seen, "id", "source", "text");
    if (columns === undefined || seen.beside.length === 0) return columns;
    return `${columns}; attributes beside the documents`;
  },
  id: ["id"],
  url: ["metadata.url", "metadata.WARC-Target-URI", "url"],
  language: ["metadata.language"],
  label: ["source"],
  // What taggers wrote: <experiment>__<tagger>__<attribute>.
  scores: [/__/],
};

/** https://github.com/huggingface/datatrove: what its writers leave of a document. */
export const datatrove: Layout = {
  name: "datatrove",
  shownBy: (seen) =>
    seen.columns.has("metadata") || [...seen.columns.keys()].some((name) => name.startsWith("metadata."))
      ? hasColumns(seen, "text", "id") && "columns text, id, metadata"
      : undefined,
  url: ["metadata.url", "url"],
  language: ["metadata.language"],
  label: [],
  scores: [/^metadata\.(.*_)?(score|prob|perplexity)$/],
};
