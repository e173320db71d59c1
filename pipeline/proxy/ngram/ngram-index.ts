import type { DocumentStream } from "../pool.ts";
import { indexFollowers, type Followers } from "./followers.ts";
import { indexOccurrences, type Occurrences } from "./occurrences.ts";
import type { NgramLevel } from "./target-ngrams.ts";

/** What the domains hold of the targets' n-grams of one order, for any prefixes of their streams. */
export interface LevelIndex {
  /** By domain: where each n-gram ends. */
  ngrams: Occurrences[];
  /** By domain: where each context is followed by a token, whichever; positions are the follower's. */
  contexts: Occurrences[];
  followers: Followers;
}

/**
 * Indexes positions instead of counts: counts depend on how much of each domain a mixture draws, positions do not.
 * What it keeps is at most (4 order) 4-byte integers per token of the streams.
 */
export function indexStreams(
  levels: readonly NgramLevel[],
  streams: readonly DocumentStream[],
  vocabularySize: number,
): LevelIndex[] {
  const tokens = streams.map((stream) => stream.tokens);
  // The n-gram of the order below that ends at each position: the empty one, to begin with.
  let below: Int32Array[] = tokens.map((stream) => new Int32Array(stream.length));
  return levels.map((level, l) => {
    const contextLabels = streams.map((stream, k) =>
      l === 0 ? below[k]! : precedingLabels(below[k]!, stream.documentStarts),
    );
    below = tokens.map((stream, k) => findNgrams(level, contextLabels[k]!, stream));
    const contexts = contextLabels.map((labels) => indexOccurrences(labels, level.contextCount));
    return {
      ngrams: below.map((labels) => indexOccurrences(labels, level.table.size)),
      contexts,
      followers: indexFollowers(contexts, tokens, level.contextCount, vocabularySize),
    };
  });
}

/** At each position the label of the position before; none at a document's start. */
function precedingLabels(labels: Int32Array, documentStarts: readonly number[]): Int32Array {
  // copyWithin shifts by one, and leaves an empty stream alone.
  const preceding = labels.slice().copyWithin(1, 0);
  for (const start of documentStarts) preceding[start] = -1;
  return preceding;
}

function findNgrams(
  { table }: NgramLevel,
  contextLabels: Int32Array,
  tokens: Uint16Array | Uint32Array,
): Int32Array {
  const labels = new Int32Array(tokens.length);
  for (let i = 0; i < tokens.length; i++) {
    labels[i] = contextLabels[i]! < 0 ? -1 : table.find(contextLabels[i]!, tokens[i]!);
  }
  return labels;
}
