import type { Artifact } from "../../pipeline/core/artifact.ts";
import { readNpy } from "../../pipeline/core/npy.ts";

/** For every domain the mean of its clusters' centroids, weighted by their documents; equal weights if it has none. */
export async function meanCentroids(
  clusters: Artifact,
  domains: readonly { readonly clusters: readonly number[] }[],
  sizes: readonly number[],
): Promise<Float64Array[]> {
  const { data, shape } = await readNpy(clusters.path("centroids.npy"));
  const dimension = shape[1]!;
  return domains.map((domain) => {
    const documents = domain.clusters.reduce((sum, cluster) => sum + sizes[cluster]!, 0);
    const mean = new Float64Array(dimension);
    for (const cluster of domain.clusters) {
      const weight = documents === 0 ? 1 / domain.clusters.length : sizes[cluster]! / documents;
      for (let j = 0; j < dimension; j++) mean[j]! += weight * data[cluster * dimension + j]!;
    }
    return mean;
  });
}

/** Euclidean distances, left * right. */
export function centroidDistances(left: readonly Float64Array[], right: readonly Float64Array[]): number[][] {
  return left.map((a) =>
    right.map((b) => Math.sqrt(a.reduce((sum, value, j) => sum + (value - b[j]!) ** 2, 0))),
  );
}
