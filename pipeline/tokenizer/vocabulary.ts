/**
 * A byte-level byte-pair vocabulary. Ids: 0 is the end of a document, 1 + b is byte b, and 257 + m is what merge m
 * makes of two tokens with smaller ids.
 */
export interface Vocabulary {
  /** In the order they were learned, which is the order they are applied in. */
  merges: readonly Merge[];
}

export type Merge = readonly [left: number, right: number];

export const endOfDocument = 0;
export const firstByte = 1;
export const firstMerge = 257;

export function vocabularySize({ merges }: Vocabulary): number {
  return firstMerge + merges.length;
}

/** The bytes of every token, by id; the end of a document has none. */
export function tokenBytes({ merges }: Vocabulary): Uint8Array[] {
  const bytes = [new Uint8Array(), ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))];
  for (const [left, right] of merges) bytes.push(Uint8Array.of(...bytes[left]!, ...bytes[right]!));
  return bytes;
}

/** Tokens are below 2^21, so that a pair of them is an exact number. */
export function pairKey(left: number, right: number): number {
  return left * 2 ** 21 + right;
}

/** The text of token ids; bytes that are no UTF-8 become U+FFFD. */
export function decode(vocabulary: Vocabulary, ids: Iterable<number>): string {
  const bytes = tokenBytes(vocabulary);
  return Buffer.concat(Array.from(ids, (id) => bytes[id]!)).toString();
}
