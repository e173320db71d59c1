import { kmeans } from "ml-kmeans";
import { ConfigError } from "../core/errors.ts";
import type { Random } from "../math/random.ts";
import type { DomainsConfig } from "../schema/domains-config.ts";
import { joinSmallGroups } from "./join-small-groups.ts";
import { centroidRows, type KeptClusters, sortGroups, sum } from "./kept-clusters.ts";

type MergeLimits = Pick<DomainsConfig["merge"], "domains" | "minDomainShare" | "maxDomainShare">;

const maxIterations = 100;

/**
 * Merges kept clusters into domains by k-means over their centroids, unweighted. A domain with more than
 * maxDomainShare of the tokens is split by 2-means as long as it has several clusters, the largest first; so there may
 * be more domains than asked for. One with less than minDomainShare joins the nearest, so there may be fewer.
 *
 * @returns Cluster ids of each domain, ascending; domains by tokens, descending.
 * @throws ConfigError if `domains` is null: k-means has no height to stop at.
 */
export function mergeKmeans(
  kept: KeptClusters,
  { domains, minDomainShare, maxDomainShare }: MergeLimits,
  random: Random,
): number[][] {
  if (domains === null) {
    throw new ConfigError(
      "domains.merge.method=kmeans needs domains.merge.domains, which is null",
      "give the number of domains, or set domains.merge.method=ward to merge by distance",
    );
  }
  if (kept.ids.length === 0) return [];
  const rows = centroidRows(kept);
  const tokensOf = (group: readonly number[]) => sum(group.map((i) => kept.tokens[i]!));
  const groups = partition([...rows.keys()], rows, domains, random.fork("domains"));
  const maxTokens = maxDomainShare * sum(kept.tokens);
  for (let split = 0; ; split++) {
    const oversized = groups
      .filter((group) => group.length > 1 && tokensOf(group) > maxTokens)
      .sort((left, right) => tokensOf(right) - tokensOf(left) || left[0]! - right[0]!)[0];
    if (oversized === undefined) break;
    const halves = partition(oversized, rows, 2, random.fork(`split/${split}`));
    groups.splice(groups.indexOf(oversized), 1, ...(halves.length === 2 ? halves : halve(oversized)));
  }
  const minTokens = minDomainShare * sum(kept.tokens);
  return sortGroups(joinSmallGroups(groups, kept, { minTokens, maxTokens }), kept);
}

/** At most `count` non-empty groups of `members`, each ascending. */
function partition(members: number[], rows: readonly number[][], count: number, random: Random): number[][] {
  const points = members.map((i) => rows[i]!);
  const initialization = plusPlus(points, Math.min(count, points.length), random);
  const result = kmeans(points, initialization.length, { initialization, maxIterations });
  // The labels it returns belong to the centroids before the last update.
  const labels = result.nearest(points);
  return initialization
    .map((_, label) => members.filter((_, i) => labels[i] === label))
    .filter((group) => group.length > 0);
}

/** For centroids that are all alike. */
function halve(members: readonly number[]): number[][] {
  const middle = members.length >> 1;
  return [members.slice(0, middle), members.slice(middle)];
}

/** k-means++ (Arthur & Vassilvitskii 2007): distinct rows, each drawn by its squared distance from those before. */
function plusPlus(points: readonly number[][], count: number, random: Random): number[][] {
  const picked: number[] = [];
  const nearest = points.map(() => Number.POSITIVE_INFINITY);
  while (picked.length < count) {
    const next = picked.length === 0 ? random.below(points.length) : drawByWeight(nearest, random);
    // Nothing but copies of what was picked is left.
    if (next === undefined) break;
    picked.push(next);
    points.forEach((point, i) => {
      nearest[i] = Math.min(nearest[i]!, squaredDistance(point, points[next]!));
    });
  }
  return picked.map((i) => [...points[i]!]);
}

function drawByWeight(weights: readonly number[], random: Random): number | undefined {
  let left = random.uniform() * sum(weights);
  for (const [i, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return i;
  }
  // Rounding may leave a rest: then it is the last one with any weight.
  const last = weights.findLastIndex((weight) => weight > 0);
  return last < 0 ? undefined : last;
}

function squaredDistance(left: readonly number[], right: readonly number[]): number {
  let total = 0;
  for (let i = 0; i < left.length; i++) total += (left[i]! - right[i]!) ** 2;
  return total;
}
