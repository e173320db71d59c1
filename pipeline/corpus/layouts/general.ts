import type { FileFormat } from "../file-format.ts";
import type { Layout } from "./layout.ts";

const nameOfFormat: Readonly<Record<FileFormat, string>> = {
  jsonl: "JSON lines",
  parquet: "Parquet",
  text: "text files",
  markdown: "Markdown files",
  html: "HTML files",
  warc: "WARC",
  wet: "WET",
};

/** Of records that nobody published the layout of: the names that are usual. */
export const usual: Required<Omit<Layout, "name" | "shownBy">> = {
  text: ["text", "content", "raw_content", "document", "body", "markdown"],
  tokens: [],
  id: ["id", "_id", "warc_record_id", "metadata.WARC-Record-ID", "doc_id", "digest", "uid"],
  url: ["url", "metadata.url", "meta.url", "warc_target_uri", "metadata.WARC-Target-URI"],
  language: ["language", "lang", "metadata.language"],
  label: ["cluster_id", "cluster", "centroid", "domain", "topic"],
  embedding: ["embedding", "embeddings", "vector"],
  scores: [/(^|[._])(score|prob|perplexity)$/],
};

/** The last of the table: it takes everything. */
export function generalLayout(format: FileFormat): Layout {
  return { name: nameOfFormat[format], shownBy: () => "no published corpus has these columns" };
}
