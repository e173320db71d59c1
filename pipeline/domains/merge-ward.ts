import { agnes } from "ml-hclust";
import { ConfigError } from "../core/errors.ts";
import type { DomainsConfig } from "../schema/domains-config.ts";
import { joinSmallGroups } from "./join-small-groups.ts";
import { centroidRows, type KeptClusters, sortGroups, sum } from "./kept-clusters.ts";
import { type DendrogramNode, weightedWard } from "./weighted-ward.ts";

type MergeLimits = Pick<
  DomainsConfig["merge"],
  "domains" | "distance" | "minDomainShare" | "maxDomainShare"
> &
  Partial<Pick<DomainsConfig["merge"], "method">>;

/** A part of the dendrogram: a leaf is one kept cluster. */
interface Part {
  height: number;
  /** Indexes into `kept.ids`, ascending. */
  members: number[];
  tokens: number;
  node: DendrogramNode;
}

/**
 * Merges kept clusters into domains by Ward linkage of their centroids: unweighted, as the recipe does with scipy's
 * `linkage(centroids, method="ward")` and `fcluster(t, criterion="distance")`, or weighted by tokens.
 *
 * The dendrogram is cut into `domains` parts or, if that is null, at height `distance`. A part with more than
 * maxDomainShare of the tokens is split first, the one with the most tokens before the others, then the highest parts
 * until there are `domains`: so there are more domains than asked for only if the cap needs them.
 *
 * Ward linkage sets outliers apart first. A part with less than minDomainShare of the tokens therefore does not count
 * as a domain and joins the nearest one in the end, and a part is not split into two such. There are fewer domains
 * than asked for if the clusters do not give more of that size.
 *
 * @returns Cluster ids of each domain, ascending; domains by tokens, descending.
 * @throws ConfigError if both `domains` and `distance` are null.
 */
export function mergeWard(
  kept: KeptClusters,
  { method, domains, distance, minDomainShare, maxDomainShare }: MergeLimits,
): number[][] {
  if (domains === null && distance === null) {
    throw new ConfigError(
      "domains.merge.domains and domains.merge.distance are both null",
      "give the number of domains, or the Ward height to stop at (1.5 in the recipe)",
    );
  }
  if (kept.ids.length === 0) return [];
  const maxTokens = maxDomainShare * sum(kept.tokens);
  const minTokens = minDomainShare * sum(kept.tokens);
  const isDomain = (part: Part) => part.tokens >= minTokens;
  const childrenOf = (part: Part) => part.node.children.map((child) => partOf(child, kept));
  const parts = [partOf(wardTree(kept, method === "ward-tokens"), kept)];
  for (;;) {
    const splittable = parts.filter((part) => part.members.length > 1);
    const oversized = splittable.filter((part) => part.tokens > maxTokens);
    const found = parts.filter(isDomain).length;
    const mergedTooFar = splittable.filter(
      (part) =>
        (domains === null ? part.height > distance! : found < domains) && childrenOf(part).some(isDomain),
    );
    const next = first(oversized, (part) => part.tokens) ?? first(mergedTooFar, (part) => part.height);
    if (next === undefined) break;
    parts.splice(parts.indexOf(next), 1, ...childrenOf(next));
  }
  const groups = parts.map((part) => part.members);
  return sortGroups(joinSmallGroups(groups, kept, { minTokens, maxTokens }), kept);
}

/** Heights equal scipy's: sqrt(2ab / (a + b)) * distance of the means, for parts of a and b clusters. */
function wardTree(kept: KeptClusters, byTokens: boolean): DendrogramNode {
  const rows = centroidRows(kept);
  // A kept cluster has documents, and every document a token; but one is not to divide by zero here.
  if (byTokens)
    return weightedWard(
      rows,
      kept.tokens.map((tokens) => Math.max(1, tokens)),
    );
  // "ward2" is Ward's criterion on distances; "ward" would expect squared ones.
  return agnes(rows, { method: "ward2" });
}

function partOf(node: DendrogramNode, kept: KeptClusters): Part {
  const members = node.indices().sort((left, right) => left - right);
  return { node, height: node.height, members, tokens: sum(members.map((i) => kept.tokens[i]!)) };
}

/** The part with the largest value; of equal ones the one with the lowest member. */
function first(parts: readonly Part[], value: (part: Part) => number): Part | undefined {
  return [...parts].sort(
    (left, right) => value(right) - value(left) || left.members[0]! - right.members[0]!,
  )[0];
}
