import type { Tally } from "../schema/cluster-model.ts";

/** Documents as the cluster engine left them; equal lengths. */
export interface AssignedDocuments {
  /** Negative: takes no part. */
  readonly clusters: ArrayLike<number>;
  /** NaN counts as near. */
  readonly distances: ArrayLike<number>;
  readonly tokens: ArrayLike<number>;
}

export interface PartsOf {
  /** Index of each cluster's domain; -1 for a dropped one. */
  readonly clusterDomain: ArrayLike<number>;
  readonly domains: number;
  readonly outsideDistance: number;
}

/** Index of a document's part: its domain, then one for dropped clusters, then one for what fits none. */
function partOf(
  cluster: number,
  distance: number,
  { clusterDomain, domains, outsideDistance }: PartsOf,
): number {
  if (distance > outsideDistance) return domains + 1;
  const domain = clusterDomain[cluster]!;
  return domain < 0 ? domains : domain;
}

/** Documents and tokens of each part (length domains + 2). */
export function tallyParts({ clusters, distances, tokens }: AssignedDocuments, parts: PartsOf): Tally[] {
  const tallies = Array.from({ length: parts.domains + 2 }, () => ({
    documents: 0,
    tokens: 0,
    squaredTokens: 0,
  }));
  for (let row = 0; row < clusters.length; row++) {
    if (clusters[row]! < 0) continue;
    const tally = tallies[partOf(clusters[row]!, distances[row]!, parts)]!;
    tally.documents += 1;
    tally.tokens += tokens[row]!;
    tally.squaredTokens += tokens[row]! ** 2;
  }
  return tallies;
}

/** Sums of tallies over the same parts. */
export function addTallies(all: readonly (readonly Tally[])[]): Tally[] {
  return all[0]!.map((_, part) => ({
    documents: all.reduce((sum, tallies) => sum + tallies[part]!.documents, 0),
    tokens: all.reduce((sum, tallies) => sum + tallies[part]!.tokens, 0),
    squaredTokens: all.reduce((sum, tallies) => sum + tallies[part]!.squaredTokens, 0),
  }));
}
