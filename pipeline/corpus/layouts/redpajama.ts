import { hasColumns, type Layout } from "./layout.ts";

/** https://huggingface.co/datasets/togethercomputer/RedPajama-Data-V2: documents/ and, row for row, quality_signals/. */
export const redPajama2: Layout = {
  name: "RedPajama-V2",
  shownBy: (seen) => {
    const columns = hasColumns(seen, "raw_content");
    if (columns === undefined || seen.beside.length === 0) return columns;
    return `${columns}; quality signals beside the documents`;
  },
  text: ["raw_content"],
  id: ["doc_id", "digest"],
  label: [],
  // Of signals by line only a mean could be kept; those of the whole document are values.
  scores: [/^(rps_doc|ccnet)_/, "perplexity", "language_score"],
};

/** https://huggingface.co/datasets/togethercomputer/RedPajama-Data-1T: seven subsets. */
export const redPajama1: Layout = {
  name: "RedPajama-1T",
  shownBy: (seen) => hasColumns(seen, "red_pajama_subset"),
  url: ["meta.url", "url"],
  language: ["meta.language"],
  label: ["red_pajama_subset"],
  scores: [],
};

/** https://huggingface.co/datasets/cerebras/SlimPajama-627B */
export const slimPajama: Layout = {
  ...redPajama1,
  name: "SlimPajama",
  shownBy: (seen) => hasColumns(seen, "meta.redpajama_set_name"),
  label: ["meta.redpajama_set_name"],
};
