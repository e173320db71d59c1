import { centroidRows, type KeptClusters, sum } from "./kept-clusters.ts";

/**
 * Every group of fewer than minTokens joins the one whose mean centroid is nearest, the smallest group first. A
 * domain of a few odd documents is no axis for a mixture: no trainer can give it a weight that matters.
 *
 * A group is not joined to one that would grow beyond maxTokens, unless there is no other.
 *
 * @param groups Indexes into kept.ids.
 * @returns The groups that are left, at least one; their order and that of their members is arbitrary.
 */
export function joinSmallGroups(
  groups: readonly (readonly number[])[],
  kept: KeptClusters,
  { minTokens, maxTokens }: { readonly minTokens: number; readonly maxTokens: number },
): number[][] {
  const rows = centroidRows(kept);
  const left = groups.map((members) => ({
    members: [...members],
    tokens: sum(members.map((member) => kept.tokens[member]!)),
  }));
  while (left.length > 1) {
    left.sort((a, b) => a.tokens - b.tokens || Math.min(...a.members) - Math.min(...b.members));
    const smallest = left[0]!;
    if (smallest.tokens >= minTokens) break;
    left.shift();
    const own = mean(smallest.members, rows);
    const roomy = left.filter((group) => group.tokens + smallest.tokens <= maxTokens);
    const candidates = roomy.length > 0 ? roomy : left;
    const distances = candidates.map((group) => squaredDistance(own, mean(group.members, rows)));
    const nearest = candidates[distances.indexOf(Math.min(...distances))]!;
    nearest.members.push(...smallest.members);
    nearest.tokens += smallest.tokens;
  }
  return left.map((group) => group.members);
}

function mean(members: readonly number[], rows: readonly (readonly number[])[]): number[] {
  return rows[members[0]!]!.map(
    (_, column) => sum(members.map((member) => rows[member]![column]!)) / members.length,
  );
}

function squaredDistance(left: readonly number[], right: readonly number[]): number {
  return sum(left.map((value, column) => (value - right[column]!) ** 2));
}
