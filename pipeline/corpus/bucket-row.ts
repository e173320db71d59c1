import { createHash } from "node:crypto";

/** A document on its way from reading to merging: one line of a bucket file. */
export interface BucketRow {
  readonly id: string;
  readonly text: string;
  readonly source: string;
  readonly sourceId: string | null;
  readonly url: string | null;
  /** Absent where the source does not say, as are the next three. */
  readonly language?: string;
  readonly label?: string;
  /** What the folders say, as JSON. */
  readonly metadata?: string;
  /** Of a question with answers: its Question as JSON. */
  readonly question?: string;
  /** float32 values in base64. */
  readonly vector?: string;
  readonly file: string;
  /** Of the part, where the file was cut by bytes. */
  readonly line: number;
  /** Index of that part. */
  readonly part?: number;
  /** UTF-8 bytes of the text. */
  readonly bytes: number;
  readonly scores: readonly (number | null)[];
}

/** 128 bits of the text's sha256, in hex: equal texts have equal ids, wherever they were found. */
export function documentId(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex").slice(0, 32);
}

/** A vector as a row of a bucket holds it. */
export function packVector(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");
}

export function unpackVector(packed: string): Float32Array {
  const bytes = new Uint8Array(Buffer.from(packed, "base64"));
  return new Float32Array(bytes.buffer);
}
