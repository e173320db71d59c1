import { kmeans, type KMeansOptions, pickEvenly } from "../../pipeline/cluster/kmeans.ts";
import { pickRows, type PointSource } from "../../pipeline/cluster/points.ts";
import type { Random } from "../../pipeline/math/random.ts";
import { partitionAgreement } from "../../pipeline/math/partition.ts";

/** How far another seed finds the same clusters. */
export interface ClusterStability {
  /** Documents that were clustered again. */
  readonly documents: number;
  readonly nmi: number;
  readonly ari: number;
}

/** So many documents a cluster are enough to place it: a quarter of what k-means samples by default. */
const documentsPerCluster = 64;

/**
 * Cluster a sample again from a start of its own and compare with where the run has put the same documents. What is left
 * of the difference is of the seed, and of fitting to a sample.
 *
 * @param assignments the run's clusters, one a point
 */
export async function clusterStability(
  points: PointSource,
  assignments: Uint32Array,
  random: Random,
  options: Omit<KMeansOptions, "seed">,
): Promise<ClusterStability> {
  const wanted = Math.min(points.rows, documentsPerCluster * options.clusters);
  const rows = pickEvenly(points.rows, wanted, random.fork("documents"));
  const again = await kmeans(pickRows(points, rows), { ...options, seed: random.fork("start") });
  const own = Uint32Array.from(rows, (row) => assignments[row]!);
  const { nmi, ari } = partitionAgreement(own, again.assignments);
  return { documents: wanted, nmi, ari };
}
