/** Documents of each cluster; rows with -1 are in none. */
export function clusterSizes(assignments: Int32Array, clusters: number): number[] {
  const sizes = Array.from({ length: clusters }, () => 0);
  for (const cluster of assignments) if (cluster >= 0) sizes[cluster]! += 1;
  return sizes;
}
