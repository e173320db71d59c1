/** Text overlap by word 5-grams: what decides whether two documents that lie close are the same text. */

const shingleWords = 5;

/** The set of a text's word 5-grams, lower-cased, punctuation ignored; a shorter text is one shingle of all its words. */
export function shingles(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length < shingleWords) return new Set(words.length === 0 ? [] : [words.join(" ")]);
  const set = new Set<string>();
  for (let start = 0; start + shingleWords <= words.length; start++) {
    set.add(words.slice(start, start + shingleWords).join(" "));
  }
  return set;
}

/** Shared shingles over those of the text that has fewer; 0 where either has none. */
export function overlapShare(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const [small, large] = left.size <= right.size ? [left, right] : [right, left];
  if (small.size === 0) return 0;
  let shared = 0;
  for (const shingle of small) if (large.has(shingle)) shared++;
  return shared / small.size;
}
