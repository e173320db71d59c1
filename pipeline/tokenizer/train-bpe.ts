import TinyQueue from "tinyqueue";
import { firstByte, firstMerge, type Merge, pairKey, tokenBytes, type Vocabulary } from "./vocabulary.ts";

interface Pair {
  left: number;
  right: number;
  count: number;
  /** Words it was seen in; it may be gone from some. */
  words: number[];
}

/** What is left of longer words (base64, rules of signs) teaches nothing, and would be gone through again and again. */
export const maxWordBytes = 128;

/**
 * Learns merges until the vocabulary is full or no pair occurs twice (Sennrich et al. 2016, on bytes as in GPT-2). Each
 * merge is of the pair that is most frequent; of equally frequent ones, that with the smallest left id, then right id. A
 * pair that spells an earlier token (a|bc after ab|c) is passed over, so that no two tokens are the same bytes.
 *
 * Only the words that hold the merged pair are counted anew. Counts of other pairs can but fall, so the queue holds upper
 * bounds: what comes out with an old count goes back with the true one.
 *
 * @param wordCounts How often each word occurs; the order does not matter. Bytes beyond maxWordBytes are ignored.
 * @param size Tokens in all: the end of a document, 256 bytes and the merges. At least 257.
 */
export function trainBpe(wordCounts: ReadonlyMap<string, number>, size: number): Vocabulary {
  const words = [...wordCounts.keys()].map((word) =>
    [...Buffer.from(word).subarray(0, maxWordBytes)].map((byte) => firstByte + byte),
  );
  const counts = [...wordCounts.values()];
  const pairs = new Map<number, Pair>();
  for (const [w, tokens] of words.entries()) addPairs(pairs, tokens, w, counts[w]!);
  const queue = new TinyQueue(
    Array.from(pairs.values(), ({ left, right, count }) => ({ left, right, count })),
    (one, other) => other.count - one.count || one.left - other.left || one.right - other.right,
  );
  const merges: Merge[] = [];
  const spellings = tokenBytes({ merges }).map((bytes) => Buffer.from(bytes).toString("latin1"));
  const known = new Set(spellings);
  while (merges.length < size - firstMerge) {
    const candidate = queue.pop();
    if (candidate === undefined || candidate.count < 2) break;
    const { left, right } = candidate;
    const pair = pairs.get(pairKey(left, right))!;
    if (pair.count < candidate.count) {
      queue.push({ left, right, count: pair.count });
      continue;
    }
    const spelling = spellings[left]! + spellings[right]!;
    if (known.has(spelling)) continue;
    known.add(spelling);
    spellings.push(spelling);
    const merged = firstMerge + merges.length;
    merges.push([left, right]);
    const made = new Set<Pair>();
    for (const w of new Set(pair.words)) {
      const before = words[w]!;
      const after = mergePair(before, left, right, merged);
      if (after.length === before.length) continue;
      for (let i = 1; i < before.length; i++) {
        pairs.get(pairKey(before[i - 1]!, before[i]!))!.count -= counts[w]!;
      }
      for (const changed of addPairs(pairs, after, w, counts[w]!)) {
        if (changed.left === merged || changed.right === merged) made.add(changed);
      }
      words[w] = after;
    }
    pairs.delete(pairKey(left, right));
    for (const { left, right, count } of made) queue.push({ left, right, count });
  }
  return { merges };
}

/** Counts a word's pairs; returns them. */
function addPairs(pairs: Map<number, Pair>, tokens: readonly number[], word: number, count: number): Pair[] {
  const seen: Pair[] = [];
  for (let i = 1; i < tokens.length; i++) {
    const [left, right] = [tokens[i - 1]!, tokens[i]!];
    const key = pairKey(left, right);
    let pair = pairs.get(key);
    if (pair === undefined) pairs.set(key, (pair = { left, right, count: 0, words: [] }));
    pair.count += count;
    if (pair.words.at(-1) !== word) pair.words.push(word);
    seen.push(pair);
  }
  return seen;
}

/** Replaces each occurrence of the pair, from left to right. */
export function mergePair(tokens: readonly number[], left: number, right: number, merged: number): number[] {
  const after: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i] === left && tokens[i + 1] === right) {
      after.push(merged);
      i++;
    } else after.push(tokens[i]!);
  }
  return after;
}
