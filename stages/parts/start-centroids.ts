import { extendCentroids } from "../../pipeline/cluster/extend-centroids.ts";
import type { PointSource } from "../../pipeline/cluster/points.ts";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import { ConfigError } from "../../pipeline/core/errors.ts";
import { readNpy } from "../../pipeline/core/npy.ts";
import type { Random } from "../../pipeline/math/random.ts";
import type { ClusterConfig } from "../../pipeline/schema/cluster-config.ts";
import { checkVectors } from "./check-vectors.ts";
import type { EmbedResult } from "../embed.ts";
import type { ModelResult } from "../model.ts";

/**
 * The earlier model's centroids, and as many more as the config asks for, where those are far.
 *
 * @throws ConfigError if it asks for fewer, or the model is from another embedder
 */
export async function startCentroids(
  start: Artifact<ModelResult>,
  vectors: Artifact<EmbedResult>,
  points: PointSource,
  { clusters, initPointsPerCluster }: ClusterConfig,
  random: Random,
): Promise<Float32Array> {
  checkVectors(start, vectors);
  const { clusters: before, dimension } = start.result;
  if (clusters < before) {
    throw new ConfigError(
      `cluster.clusters=${clusters} should be >= ${before}, the clusters of ${start.name} that this run starts from`,
      "raise cluster.clusters, or start afresh: leave recluster out",
    );
  }
  const data = (await readNpy(start.path("centroids.npy"))).data as Float32Array;
  return extendCentroids(
    { data, clusters: before, dimension },
    points,
    { clusters, samplePoints: initPointsPerCluster * clusters },
    random,
  );
}
