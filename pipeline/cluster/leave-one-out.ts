/**
 * Distance of each row to the mean of its cluster's other rows: for a cluster of n rows it is n / (n - 1) times that
 * to the mean of all, since the row itself pulls the mean towards it. A new document has distances like these, not like
 * those of the rows the centroids were made from; with ten rows a cluster the difference is 11 %.
 *
 * @param assignments Cluster of each row; negative for rows that have none.
 * @param distances To the row's own centroid.
 * @param sizes Rows of each cluster.
 * @returns One distance a row; NaN for rows without cluster, and for those alone in theirs.
 */
export function leaveOneOutDistances(
  assignments: Int32Array,
  distances: Float32Array,
  sizes: readonly number[],
): Float64Array {
  return Float64Array.from(assignments, (cluster, row) => {
    const size = cluster < 0 ? 0 : sizes[cluster]!;
    return size < 2 ? Number.NaN : (distances[row]! * size) / (size - 1);
  });
}
