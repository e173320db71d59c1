import type { FileFormat } from "../file-format.ts";

/** What a column holds, as far as it matters for finding the text and what goes with it. */
export type ColumnKind = "text" | "number" | "numbers" | "other";

/** What is known of a corpus before it is read: the columns of its first rows and the folders they lie in. */
export interface Evidence {
  readonly format: FileFormat;
  /** Columns or JSON keys; those of an object inside have a dotted name, as in metadata.url. */
  readonly columns: ReadonlyMap<string, ColumnKind>;
  /** Keys and values written on the path's folders: quality=high, centroid=12, cluster_3. */
  readonly folderKeys: Readonly<Record<string, string>>;
  /** Columns that lie in files of their own beside the documents. */
  readonly beside: readonly string[];
}

/**
 * How one published corpus, or the output of one tool, is laid out. Every list names candidates, the likeliest
 * first; the first that the corpus has is used. A list left out is that of the general layout.
 */
export interface Layout {
  readonly name: string;
  /** What of the evidence shows that it is this one; undefined if nothing does. */
  readonly shownBy: (seen: Evidence) => string | undefined;
  readonly text?: readonly string[];
  /** Lists of GPT-2 token ids, in place of a text. */
  readonly tokens?: readonly string[];
  readonly id?: readonly string[];
  readonly url?: readonly string[];
  readonly language?: readonly string[];
  /** A cluster or domain that somebody already gave the document. */
  readonly label?: readonly string[];
  readonly embedding?: readonly string[];
  /** Every one there is, is carried along. */
  readonly scores?: readonly (string | RegExp)[];
}

/** "columns a, b" if the corpus has all of them. */
export function hasColumns({ columns }: Evidence, ...names: readonly string[]): string | undefined {
  return names.every((name) => columns.has(name))
    ? `column${names.length === 1 ? "" : "s"} ${names.join(", ")}`
    : undefined;
}
