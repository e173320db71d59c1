/** Why a record did not become a document. */
export type SkipReason =
  | "invalid-json"
  | "not-an-object"
  | "missing-text"
  | "text-not-a-string"
  | "invalid-tokens"
  | "invalid-utf8"
  | "empty-text"
  | "too-short"
  | "too-long"
  | "empty-file"
  | "not-a-document"
  | "unknown-format"
  | "unreadable-record"
  | "bad-file"
  | "blocked-url"
  | "other-language"
  | "gopher"
  | "gopher-repetition"
  | "c4"
  | "c4-bad-words"
  | "fineweb"
  | "near-duplicate"
  | "duplicate";

/** A record that was left out. */
export interface Skip {
  /** Name of the input file. */
  readonly file: string;
  /**
   * Line of a JSONL file, row of a Parquet file or record of a WARC file, from 1; 0 is the file as a whole. In a part
   * of a file that was cut by bytes, lines and records are counted from its beginning.
   */
  readonly line: number;
  readonly reason: SkipReason;
  readonly detail: string;
}

/** A record of the shape of ARC, PIQA or HellaSwag; its text is the context with the right answer after it. */
export interface Question {
  readonly context: string;
  /** The right answer. */
  readonly continuation: string;
  /** Wrong ones in its place. */
  readonly alternatives: readonly string[];
}

/** A record as it was read, before any limit is applied. */
export interface RawRecord {
  readonly text: string;
  /** The source's own id. */
  readonly sourceId: string | null;
  readonly url: string | null;
  /** Absent where the source does not say. */
  readonly language?: string;
  /** The cluster or domain the source has it in; absent if in none. */
  readonly label?: string;
  /** The source's own embedding; absent if there is none. */
  readonly vector?: Float32Array;
  /** Absent for text that is not one. */
  readonly question?: Question;
  /** One value for each of the score columns that were asked for. */
  readonly scores: readonly (number | null)[];
  readonly file: string;
  readonly line: number;
}

/** Where a record has what a document is made of: columns or JSON keys, dotted for those inside an object. */
export interface DocumentFields {
  readonly text: string | null;
  /** A list of GPT-2 token ids, which is decoded where there is no text. */
  readonly tokens: string | null;
  readonly id: string | null;
  readonly url: string | null;
  readonly language: string | null;
  readonly label: string | null;
  readonly embedding: string | null;
}

export interface ReadOptions {
  readonly fields: DocumentFields;
  /** Numeric columns to carry along, in order; null where the source does not have that score. */
  readonly scores: readonly (string | null)[];
  /** Told how many bytes of the file were read since the last call. */
  readonly onBytes: (bytes: number) => void;
  /**
   * Told at the end how many lines or records there were, so that those of the next part can be numbered; null if they
   * could not be read to the end.
   */
  readonly onLines?: (lines: number | null) => void;
}

/** Records and skips of one file, in the file's order. */
export type Records = AsyncGenerator<RawRecord | Skip>;

/** The file cannot be read, or not to its end. */
export class BadFileError extends Error {}
