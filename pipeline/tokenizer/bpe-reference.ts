import { maxWordBytes, mergePair } from "./train-bpe.ts";
import { firstByte, firstMerge, type Merge, tokenBytes, type Vocabulary } from "./vocabulary.ts";

/** `trainBpe` done plainly: counts all pairs of all words anew for every merge. */
export function trainBpePlainly(wordCounts: ReadonlyMap<string, number>, size: number): Vocabulary {
  let words = [...wordCounts].map(([word, count]) => ({
    tokens: bytesOf(word).slice(0, maxWordBytes),
    count,
  }));
  const merges: Merge[] = [];
  while (merges.length < size - firstMerge) {
    const pairs = new Map<string, { left: number; right: number; count: number }>();
    for (const { tokens, count } of words) {
      tokens.slice(1).forEach((right, i) => {
        const key = `${tokens[i]!} ${right}`;
        pairs.set(key, { left: tokens[i]!, right, count: (pairs.get(key)?.count ?? 0) + count });
      });
    }
    const spellings = tokenBytes({ merges }).map((bytes) => bytes.join(" "));
    const isNew = ({ left, right }: { left: number; right: number }) =>
      !spellings.includes(`${spellings[left]!} ${spellings[right]!}`);
    const [best] = [...pairs.values()]
      .filter(isNew)
      .sort((one, other) => other.count - one.count || one.left - other.left || one.right - other.right);
    if (best === undefined || best.count < 2) break;
    const merged = firstMerge + merges.length;
    merges.push([best.left, best.right]);
    words = words.map(({ tokens, count }) => ({
      tokens: mergePair(tokens, best.left, best.right, merged),
      count,
    }));
  }
  return { merges };
}

/** Token ids of one word, done plainly: every merge in turn, wherever it fits. */
export function encodeWordPlainly({ merges }: Vocabulary, word: string): number[] {
  return merges.reduce(
    (tokens, [left, right], m) => mergePair(tokens, left, right, firstMerge + m),
    bytesOf(word),
  );
}

function bytesOf(word: string): number[] {
  return [...Buffer.from(word)].map((byte) => firstByte + byte);
}
