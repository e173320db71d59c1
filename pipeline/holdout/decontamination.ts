import { bandHashes, minHash, shingleHashes, wordHashes } from "../math/minhash.ts";
import { Holders } from "./holders.ts";

export interface Judging {
  readonly id: string;
  readonly text: string;
}

export interface Resemblance {
  readonly judge: Judging;
  readonly by: "ngrams" | "minhash";
  /** Share of the judging text's word n-grams; or the Jaccard similarity of the texts' 5-grams, estimated. */
  readonly overlap: number;
}

interface DecontaminationOptions {
  readonly ngramWords: number;
  readonly minNgramShare: number;
  readonly minSimilarity: number;
}

/** 28 bands of 4: texts alike by .6 share a band with a probability of .98, by .4 with .52. */
const bands = 28;
const rows = 4;
const similarityWords = 5;

/**
 * Which text that judges another one gives away: by the share of its word n-grams that stand in it, wherever and in
 * how long a text, as GPT-3's makers went by 13-grams; or because the two are much the same as a whole, by MinHash.
 * A judging text of fewer words than an n-gram is found only in texts of the same words.
 *
 * Memory: some ten bytes and a map's entry for every n-gram of the judging texts.
 *
 * @returns a function from a text to the judging text it resembles most, the first one winning ties
 */
export function indexJudgingTexts(
  judges: readonly Judging[],
  { ngramWords, minNgramShare, minSimilarity }: DecontaminationOptions,
): (text: string) => Resemblance | undefined {
  const byNgram = new Holders<number>();
  const byBand = new Holders<string>();
  const signatures = judges.map(({ text }, judge) => {
    const words = wordHashes(text);
    byNgram.add(judge, ngramKeys(words, ngramWords));
    const signature = signatureOf(words);
    byBand.add(judge, bandKeys(signature));
    return signature;
  });

  return (text) => {
    const words = wordHashes(text);
    const shared = byNgram.countShared(ngramKeys(words, ngramWords));
    const byNgrams = most([...shared].map(([judge, count]) => [judge, count / byNgram.sizeOf(judge)]));
    if (byNgrams !== undefined && byNgrams[1] >= minNgramShare) {
      return { judge: judges[byNgrams[0]]!, by: "ngrams", overlap: byNgrams[1] };
    }

    const signature = signatureOf(words);
    const near = byBand.countShared(bandKeys(signature)).keys();
    const alike = most(Array.from(near, (judge) => [judge, agreement(signature!, signatures[judge]!)]));
    return alike !== undefined && alike[1] >= minSimilarity
      ? { judge: judges[alike[0]]!, by: "minhash", overlap: alike[1] }
      : undefined;
  };
}

function most(
  found: readonly (readonly [judge: number, overlap: number])[],
): readonly [number, number] | undefined {
  return found.toSorted(([left, a], [right, b]) => b - a || left - right)[0];
}

/** 53 bits for each n-gram: among billions of n-grams 32 would meet by chance. */
function ngramKeys(words: Uint32Array, size: number): Set<number> {
  const high = shingleHashes(words, size);
  const low = shingleHashes(
    words.map((hash) => hash ^ 0x5bd1e995),
    size,
  );
  return new Set(Array.from(high, (hash, at) => hash * 2 ** 21 + (low[at]! >>> 11)));
}

function signatureOf(words: Uint32Array): Uint32Array | undefined {
  return minHash(shingleHashes(words, similarityWords), bands * rows);
}

function bandKeys(signature: Uint32Array | undefined): Set<string> {
  if (signature === undefined) return new Set();
  const hashes = bandHashes(signature, rows);
  const keys = Array.from(
    { length: bands },
    (_, band) => `${band}:${hashes[2 * band]}:${hashes[2 * band + 1]}`,
  );
  return new Set(keys);
}

function agreement(left: Uint32Array, right: Uint32Array): number {
  let equal = 0;
  for (let at = 0; at < left.length; at++) if (left[at] === right[at]) equal++;
  return equal / left.length;
}
