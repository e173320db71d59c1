/** The clusters that survived pruning, as the merge methods take them. */
export interface KeptClusters {
  /** Cluster ids, ascending: rows of `centroids`. */
  readonly ids: readonly number[];
  /** All centroids, kept or not; row-major, clusters * dimension. */
  readonly centroids: Float32Array;
  readonly dimension: number;
  /** Tokens of each kept cluster, in the order of `ids`. */
  readonly tokens: readonly number[];
}

/** The kept centroids as rows of doubles, which is what ml-hclust and ml-kmeans read fast. */
export function centroidRows({ ids, centroids, dimension }: KeptClusters): number[][] {
  return ids.map((id) => Array.from(centroids.subarray(id * dimension, (id + 1) * dimension)));
}

/** From indexes into `ids` to cluster ids: ascending in a group, groups by tokens descending, then by lowest id. */
export function sortGroups(
  groups: readonly (readonly number[])[],
  { ids, tokens }: KeptClusters,
): number[][] {
  return groups
    .map((group) => ({
      clusters: group.map((i) => ids[i]!).sort((left, right) => left - right),
      tokens: sum(group.map((i) => tokens[i]!)),
    }))
    .sort((left, right) => right.tokens - left.tokens || left.clusters[0]! - right.clusters[0]!)
    .map((group) => group.clusters);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
