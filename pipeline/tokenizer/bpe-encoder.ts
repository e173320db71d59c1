import TinyQueue from "tinyqueue";
import { splitWords } from "./split-words.ts";
import { firstByte, firstMerge, pairKey, type Vocabulary } from "./vocabulary.ts";

/** Words whose tokens are remembered: most of a text's words have been seen before. */
const cachedWords = 200_000;

/** A function from text to token ids. Names of special tokens in a text are text. */
export function createBpeEncoder({ merges }: Vocabulary): (text: string) => number[] {
  const mergedInto = new Map(merges.map(([left, right], m) => [pairKey(left, right), firstMerge + m]));
  const cache = new Map<string, number[]>();
  return (text) => {
    const ids: number[] = [];
    for (const word of splitWords(text)) {
      let tokens = cache.get(word);
      if (tokens === undefined) {
        tokens = encodeWord(mergedInto, word);
        if (cache.size === cachedWords) cache.clear();
        cache.set(word, tokens);
      }
      for (const token of tokens) ids.push(token);
    }
    return ids;
  };
}

interface Candidate {
  /** Position of the pair's left token. */
  position: number;
  left: number;
  right: number;
  merged: number;
}

/** Applies the earliest learned merge that fits, leftmost first, until none does; n log n in the word's bytes. */
function encodeWord(mergedInto: ReadonlyMap<number, number>, word: string): number[] {
  const tokens = Array.from(Buffer.from(word), (byte) => firstByte + byte);
  const count = tokens.length;
  // A doubly linked list of the positions that still hold a token; -1 is none.
  const next = tokens.map((_, i) => (i + 1 < count ? i + 1 : -1));
  const previous = tokens.map((_, i) => i - 1);
  const queue = new TinyQueue<Candidate>(
    [],
    (one, other) => one.merged - other.merged || one.position - other.position,
  );
  const consider = (position: number) => {
    if (position < 0 || next[position]! < 0) return;
    const [left, right] = [tokens[position]!, tokens[next[position]!]!];
    const merged = mergedInto.get(pairKey(left, right));
    if (merged !== undefined) queue.push({ position, left, right, merged });
  };
  for (let i = 0; i < count; i++) consider(i);
  for (let best = queue.pop(); best !== undefined; best = queue.pop()) {
    const { position, left, right, merged } = best;
    const after = next[position]!;
    if (tokens[position] !== left || after < 0 || tokens[after] !== right) continue;
    tokens[position] = merged;
    tokens[after] = -1;
    next[position] = next[after]!;
    if (next[after]! >= 0) previous[next[after]!] = position;
    consider(previous[position]!);
    consider(position);
  }
  return tokens.filter((token) => token >= 0);
}
