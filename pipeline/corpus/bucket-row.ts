import { createHash } from "node:crypto";

/** A document on its way from reading to merging: one line of a bucket file. */
export interface BucketRow {
  readonly id: string;
  readonly text: string;
  readonly source: string;
  readonly sourceId: string | null;
  readonly url: string | null;
  readonly file: string;
  readonly line: number;
  /** UTF-8 bytes of the text. */
  readonly bytes: number;
  readonly scores: readonly (number | null)[];
}

/** 128 bits of the text's sha256, in hex: equal texts have equal ids, wherever they were found. */
export function documentId(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex").slice(0, 32);
}
