/** A node of a dendrogram; a leaf has no children. ml-hclust's Cluster is one too. */
export interface DendrogramNode {
  readonly height: number;
  readonly children: readonly DendrogramNode[];
  /** Indexes of the points below. */
  indices(): number[];
}

interface Group {
  readonly mean: Float64Array;
  readonly weight: number;
  readonly node: DendrogramNode;
  /** Lowest index below: decides between equally near ones. */
  readonly lowest: number;
}

/**
 * Ward linkage of points with weights: groups of weights a and b merge at height sqrt(2ab / (a + b)) times the distance
 * of their means, so heavy groups merge later. The weights are scaled to a mean of 1: equal ones give scipy's heights.
 *
 * By chains of nearest neighbours (Murtagh 1983), which find Ward's tree in n^2 distances and no n * n matrix.
 *
 * @param weights positive, one a point
 */
export function weightedWard(
  points: readonly (readonly number[])[],
  weights: readonly number[],
): DendrogramNode {
  const meanWeight = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  const left = new Set<Group>(
    points.map((point, i) => ({
      mean: Float64Array.from(point),
      weight: weights[i]! / meanWeight,
      node: { height: 0, children: [], indices: () => [i] },
      lowest: i,
    })),
  );
  const chain: Group[] = [];
  while (left.size > 1) {
    if (chain.length === 0) chain.push(left.values().next().value!);
    const last = chain.at(-1)!;
    const before = chain.at(-2);
    const { group: nearest, squared } = nearestOf(last, left, before);
    if (nearest !== before) {
      chain.push(nearest);
      continue;
    }
    chain.length -= 2;
    left.delete(last);
    left.delete(nearest);
    left.add(merge(last, nearest, Math.sqrt(squared)));
  }
  return left.values().next().value!.node;
}

/** The nearest group; of equally near ones `preferred`, which ends the chain, then the one with the lowest point. */
function nearestOf(of: Group, groups: Iterable<Group>, preferred: Group | undefined) {
  let best = preferred;
  let squared = preferred === undefined ? Number.POSITIVE_INFINITY : wardSquared(of, preferred);
  for (const group of groups) {
    if (group === of || group === preferred) continue;
    const distance = wardSquared(of, group);
    const isTie = distance === squared && best !== preferred && best !== undefined;
    if (distance < squared || (isTie && group.lowest < best!.lowest)) {
      best = group;
      squared = distance;
    }
  }
  return { group: best!, squared };
}

function wardSquared(a: Group, b: Group): number {
  let squared = 0;
  for (let j = 0; j < a.mean.length; j++) squared += (a.mean[j]! - b.mean[j]!) ** 2;
  return ((2 * a.weight * b.weight) / (a.weight + b.weight)) * squared;
}

function merge(one: Group, other: Group, height: number): Group {
  const [a, b] = one.lowest < other.lowest ? [one, other] : [other, one];
  const weight = a.weight + b.weight;
  const children = [a.node, b.node];
  return {
    mean: a.mean.map((value, j) => (a.weight * value + b.weight * b.mean[j]!) / weight),
    weight,
    node: { height, children, indices: () => children.flatMap((child) => child.indices()) },
    lowest: a.lowest,
  };
}
