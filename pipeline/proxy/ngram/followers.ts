import type { Occurrences } from "./occurrences.ts";
import { addCounts } from "./occurrences.ts";

/**
 * First positions of each (context, follower) pair in each domain, so that the number of distinct followers of a
 * context is known for any prefixes: a pair counts when its first position in some domain is inside the prefix.
 *
 * Pairs of a single domain, the majority, are counted by binary search; the others are marked one by one.
 */
export interface Followers {
  /** By domain: labelled by context, first positions of the pairs that no other domain has. */
  exclusive: Occurrences[];
  /** By domain: labelled by context, first positions of the other pairs, with each pair's id beside it. */
  shared: { occurrences: Occurrences; pairs: Uint32Array }[];
  sharedPairs: number;
}

/**
 * @param contexts By domain: where each context is followed by something; positions are the followers'.
 * @param streams By domain: the token at each position.
 */
export function indexFollowers(
  contexts: readonly Occurrences[],
  streams: readonly (Uint16Array | Uint32Array)[],
  contextCount: number,
  vocabularySize: number,
): Followers {
  const exclusive = contexts.map(({ positions }) => new OccurrencesBuilder(positions.length));
  const shared = contexts.map(({ positions }) => new OccurrencesBuilder(positions.length));
  const sharedIds = contexts.map(({ positions }) => new Uint32Array(positions.length));
  const cursors = contexts.map(() => 0);
  // Per token, within one context: the last run it was seen in, the domains it was seen in, the pair's id.
  const lastRun = new Uint32Array(vocabularySize);
  const domainsWith = new Uint16Array(vocabularySize);
  const pairOf = new Uint32Array(vocabularySize);
  const firsts: number[] = [];
  let run = 0;
  let sharedPairs = 0;

  for (let context = 0; context < contextCount; context++) {
    const holders = contexts.flatMap(({ labels }, k) => (labels[cursors[k]!] === context ? [k] : []));
    firsts.length = 0;
    const ends = holders.map((k) => {
      run++;
      const { ends, positions } = contexts[k]!;
      const start = cursors[k] === 0 ? 0 : ends[cursors[k]! - 1]!;
      const end = ends[cursors[k]!++]!;
      for (let p = start; p < end; p++) {
        const token = streams[k]![positions[p]!]!;
        if (lastRun[token] === run) continue;
        lastRun[token] = run;
        domainsWith[token]!++;
        firsts.push(positions[p]!);
      }
      return firsts.length;
    });
    holders.forEach((k, h) => {
      for (let f = h === 0 ? 0 : ends[h - 1]!; f < ends[h]!; f++) {
        const token = streams[k]![firsts[f]!]!;
        if (domainsWith[token] === 1) {
          exclusive[k]!.push(context, firsts[f]!);
        } else {
          if (pairOf[token] === 0) pairOf[token] = ++sharedPairs;
          sharedIds[k]![shared[k]!.length] = pairOf[token]! - 1;
          shared[k]!.push(context, firsts[f]!);
        }
      }
    });
    holders.forEach((k, h) => {
      for (let f = h === 0 ? 0 : ends[h - 1]!; f < ends[h]!; f++) {
        const token = streams[k]![firsts[f]!]!;
        domainsWith[token] = 0;
        pairOf[token] = 0;
      }
    });
  }
  return {
    exclusive: exclusive.map((builder) => builder.finish()),
    shared: shared.map((builder, k) => ({
      occurrences: builder.finish(),
      pairs: sharedIds[k]!.slice(0, builder.length),
    })),
    sharedPairs,
  };
}

/**
 * Adds to weights[context] the weight of each of its distinct followers among the first prefixes[k] tokens of the
 * domains: what a token counts for in that domain of those holding the pair where it counts for least.
 *
 * @param order The domains in ascending order of perToken.
 */
export function addFollowerWeights(
  { exclusive, shared, sharedPairs }: Followers,
  prefixes: readonly number[],
  perToken: readonly number[],
  order: readonly number[],
  weights: Float64Array,
): void {
  const isCounted = new Uint8Array(sharedPairs);
  for (const k of order) {
    const prefix = prefixes[k]!;
    if (prefix === 0) continue;
    addCounts(exclusive[k]!, prefix, perToken[k]!, weights);
    const { occurrences, pairs } = shared[k]!;
    const { labels, ends, positions } = occurrences;
    let p = 0;
    for (let l = 0; l < labels.length; l++) {
      let added = 0;
      for (; p < ends[l]! && positions[p]! < prefix; p++) {
        added += 1 - isCounted[pairs[p]!]!;
        isCounted[pairs[p]!] = 1;
      }
      weights[labels[l]!]! += perToken[k]! * added;
      p = ends[l]!;
    }
  }
}

/** Occurrences that arrive with ascending labels, and ascending positions within a label. */
class OccurrencesBuilder {
  length = 0;
  readonly #labels: number[] = [];
  readonly #ends: number[] = [];
  readonly #positions: Uint32Array;

  constructor(capacity: number) {
    this.#positions = new Uint32Array(capacity);
  }

  push(label: number, position: number): void {
    if (this.#labels.at(-1) !== label) {
      this.#labels.push(label);
      this.#ends.push(this.length);
    }
    this.#positions[this.length++] = position;
    this.#ends[this.#ends.length - 1] = this.length;
  }

  finish(): Occurrences {
    return {
      labels: Uint32Array.from(this.#labels),
      ends: Uint32Array.from(this.#ends),
      positions: this.#positions.slice(0, this.length),
    };
  }
}
