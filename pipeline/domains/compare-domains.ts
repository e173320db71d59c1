import type { DomainSide } from "../schema/recluster.ts";
import { sum } from "./kept-clusters.ts";

/** Tokens in each pair of an old and a new domain: old * (new + 1) values; the last column is in no new domain. */
export interface Overlap {
  readonly old: readonly { readonly id: string; readonly name: string }[];
  readonly new: readonly { readonly id: string; readonly name: string }[];
  /** tokens[o][n] */
  readonly tokens: readonly (readonly number[])[];
  /** Tokens of each new domain, those in no old domain included. */
  readonly newTokens: readonly number[];
}

export interface ComparedDomains {
  readonly old: DomainSide[];
  readonly new: DomainSide[];
  /** Indexes of the same domain on both sides. */
  readonly pairs: { readonly old: number; readonly new: number; readonly overlap: number }[];
}

/** A flow of less is not listed. */
const smallestFlow = 0.01;

/**
 * What became of the old domains, and where the new ones come from, by shared tokens:
 *
 *     kept    an old and a new domain each hold more than half of the other: at most one such partner a side, so the
 *             pairs are one to one without any being forced
 *     split   of an old domain: no such partner, but two or more new domains that lie mostly in it hold more than half
 *             of it. Of a new one: it lies mostly in an old domain
 *     merged  of an old domain: it lies mostly in a new one that it does not make up. Of a new one: two or more such
 *             old domains make up more than half of it
 *     died    an old domain that is none of these: scattered, pruned or gone
 *     born    a new domain that is none of these: mostly text that no one old domain held
 */
export function compareDomains(overlap: Overlap): ComparedDomains {
  const { tokens, newTokens } = overlap;
  const oldTokens = tokens.map((row) => sum(row));
  /** Share of the old domain o that is in the new n, and the other way round. */
  const ofOld = (o: number, n: number) => ratio(tokens[o]![n]!, oldTokens[o]!);
  const ofNew = (o: number, n: number) => ratio(tokens[o]![n]!, newTokens[n]!);
  const olds = [...overlap.old.keys()];
  const news = [...overlap.new.keys()];
  /** New domains that lie mostly in o, and old ones that lie mostly in n. */
  const partsOf = (o: number) => news.filter((n) => ofNew(o, n) > 0.5);
  const sourcesOf = (n: number) => olds.filter((o) => ofOld(o, n) > 0.5);

  const pairs = olds.flatMap((o) =>
    partsOf(o)
      .filter((n) => ofOld(o, n) > 0.5)
      .map((n) => ({
        old: o,
        new: n,
        overlap: tokens[o]![n]! / (oldTokens[o]! + newTokens[n]! - tokens[o]![n]!),
      })),
  );
  const oldFate = (o: number) => {
    if (pairs.some((pair) => pair.old === o)) return "kept";
    const parts = partsOf(o);
    if (parts.length > 1 && sum(parts.map((n) => ofOld(o, n))) > 0.5) return "split";
    return news.some((n) => ofOld(o, n) > 0.5) ? "merged" : "died";
  };
  const newFate = (n: number) => {
    if (pairs.some((pair) => pair.new === n)) return "kept";
    const sources = sourcesOf(n);
    if (sources.length > 1 && sum(sources.map((o) => ofNew(o, n))) > 0.5) return "merged";
    return olds.some((o) => ofNew(o, n) > 0.5) ? "split" : "born";
  };
  return {
    pairs,
    old: olds.map((o) => ({
      ...overlap.old[o]!,
      tokens: oldTokens[o]!,
      fate: oldFate(o),
      flows: flows(news.map((n) => ({ id: overlap.new[n]!.id, share: ofOld(o, n) }))),
    })),
    new: news.map((n) => ({
      ...overlap.new[n]!,
      tokens: newTokens[n]!,
      fate: newFate(n),
      flows: flows(olds.map((o) => ({ id: overlap.old[o]!.id, share: ofNew(o, n) }))),
    })),
  };
}

function flows(all: readonly { id: string; share: number }[]): { id: string; share: number }[] {
  return all.filter(({ share }) => share >= smallestFlow).toSorted((left, right) => right.share - left.share);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
