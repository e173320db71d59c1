import { hasColumns, type Layout } from "./layout.ts";

const quality = "fasttext_openhermes_reddit_eli5_vs_rw_v2_bigram_200k_train_prob";

/** https://huggingface.co/datasets/mlfoundations/dclm-baseline-1.0 */
export const dclm: Layout = {
  name: "DCLM-baseline",
  shownBy: (seen) => hasColumns(seen, quality) ?? hasColumns(seen, "language_id_whole_page_fasttext.en"),
  id: ["metadata.WARC-Record-ID"],
  url: ["url", "metadata.WARC-Target-URI"],
  label: [],
  scores: [quality, "language_id_whole_page_fasttext.en"],
};

/**
 * https://huggingface.co/datasets/WebOrganizer/Corpus-200B: documents/ as in DCLM, and beside it folders of arrays
 * with a row for each document: scores_*, domains_*.
 */
export const webOrganizer: Layout = {
  ...dclm,
  name: "WebOrganizer",
  shownBy: ({ beside }) => {
    const folders = beside.filter((name) => /^(domains|scores)_/.test(name));
    return folders.length === 0 ? undefined : `folders of arrays beside the documents: ${folders.join(", ")}`;
  },
  label: ["domains_topics", "domains_formats", "domains_clusters-k24"],
  scores: [/^scores_/, quality],
};
