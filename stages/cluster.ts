/**
 * Stage 4: group the training documents into K_init clusters (paper, section 3.1).
 *
 *   in    embeddings of the corpus; which rows may train; maybe an earlier run's model to start from
 *   out   centroids.npy      float32, clusters * dimension
 *         assignments.npy    int32, one a corpus row; -1 for rows that may not train
 *         distances.npy      float32, to the row's own centroid; NaN for those rows
 *         assignments.parquet  id, cluster and distance of every document; NULL for those rows
 */
import { join } from "node:path";
import { z } from "zod";
import { kmeans, type KMeansOptions } from "../pipeline/cluster/kmeans.ts";
import { isPoor } from "../pipeline/cluster/lloyd.ts";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { readNpy } from "../pipeline/core/npy.ts";
import type { Progress } from "../pipeline/core/progress.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { Random } from "../pipeline/math/random.ts";
import type { ClusterConfig } from "../pipeline/schema/cluster-config.ts";
import { writeClusterFiles } from "./parts/cluster-files.ts";
import { clusterStability } from "./parts/cluster-stability.ts";
import { pass, shardedRunner } from "./parts/cluster-shards.ts";
import type { EmbedResult } from "./embed.ts";
import { embeddingSource } from "./parts/embeddings.ts";
import type { IngestResult } from "./ingest.ts";
import type { HoldoutResult } from "./holdout.ts";
import type { ModelResult } from "./model.ts";
import { runAsScript } from "./parts/shard-main.ts";
import { startCentroids } from "./parts/start-centroids.ts";

export const ClusterResult = z.strictObject({
  clusters: z.int(),
  dimension: z.int(),
  rows: z.int(),
  inertia: z.number(),
  converged: z.boolean(),
  iterations: z.array(z.object({ inertia: z.number() })),
  sizes: z.array(z.int()),
  /** Agreement with the clusters of another seed, where it was asked for. */
  stability: z.object({ documents: z.int(), nmi: z.number(), ari: z.number() }).optional(),
  /** Where the clusters are given: the label of each; a further cluster holds what has none. */
  labels: z.array(z.string()).optional(),
});
export type ClusterResult = z.infer<typeof ClusterResult>;

interface ClusterStageConfig {
  readonly cluster: ClusterConfig;
  readonly seed: number;
}

interface ClusterInputs {
  corpus: Artifact<IngestResult>;
  vectors: Artifact<EmbedResult>;
  holdout: Artifact<HoldoutResult>;
  start?: Artifact<ModelResult>;
  [role: string]: Artifact;
}

/** Below this many points a centroid is not well determined: FAISS warns at the same number. */
const steadyDocuments = 39;

export const cluster: Stage<ClusterStageConfig, ClusterInputs, ClusterResult> = {
  name: "cluster",
  version: 6,
  entry: import.meta.filename,
  result: ClusterResult,
  recorded: ({ cluster: { passes: _, shardDocuments: __, ...cluster }, seed }) => ({ cluster, seed }),
  steps: { pass },

  async run({ cluster, seed }, { corpus, vectors, holdout, start }, context) {
    const { outDir, workDir, workers, signal, executor, progress } = context;
    const training = (await readNpy(holdout.path("training.npy"))).data as Uint8Array;
    const points = await embeddingSource(vectors, training);
    const { rows, dim: dimension } = points;
    const note = (text: string) => progress({ event: "note", stage: "cluster", text });
    if (rows < steadyDocuments * cluster.clusters) {
      note(
        `${(rows / cluster.clusters).toFixed(1)} documents a cluster: fewer than ${steadyDocuments} are not steady; lower cluster.clusters`,
      );
    }
    const random = new Random(seed).fork("cluster");
    const initial = start && (await startCentroids(start, vectors, points, cluster, random.fork("extend")));
    const { given: _, passes, shardDocuments, samplePointsPerCluster, stability, ...options } = cluster;
    const files = vectors.result.files.map(({ path }) => vectors.path(path));
    const source = { files, dimension, training: holdout.path("training.npy") };
    const spans = executor.name !== "local" && rows > shardDocuments;
    const sharded = passes === "shards" || (passes === "auto" && spans);
    const found = await kmeans(points, {
      ...options,
      ...(sharded && { openRunner: shardedRunner({ ...source, shardDocuments }, context) }),
      ...(samplePointsPerCluster !== "all" && { samplePointsPerCluster }),
      ...(initial && { initial }),
      seed: random,
      workers,
      signal,
      checkpointDir: join(workDir, "kmeans"),
      onIteration: reportIterations(cluster, rows, progress),
    });

    const assignments = new Int32Array(training.length).fill(-1);
    const distances = new Float32Array(training.length).fill(Number.NaN);
    let point = 0;
    training.forEach((kept, row) => {
      if (kept === 0) return;
      assignments[row] = found.assignments[point]!;
      distances[row] = found.distances[point]!;
      point++;
    });
    const { clusters } = cluster;
    const { centroids } = found;
    const again = random.fork("stability");
    const compared =
      stability &&
      (await clusterStability(points, found.assignments, again, { ...options, workers, signal }));
    const sizes = await writeClusterFiles(outDir, {
      corpus,
      clusters,
      dimension,
      centroids,
      assignments,
      distances,
    });
    return {
      clusters,
      dimension,
      rows,
      inertia: found.inertia,
      converged: found.converged,
      iterations: found.iterations.map(({ inertia }) => ({ inertia })),
      sizes,
      ...(compared && { stability: compared }),
    };
  },
};

/** Tells of each iteration, and of eight-bit arithmetic given up. */
function reportIterations(
  { samplePointsPerCluster, clusters, maxIterations, fullIterations }: ClusterConfig,
  rows: number,
  progress: Progress,
): NonNullable<KMeansOptions["onIteration"]> {
  const sampled = samplePointsPerCluster !== "all" && rows > samplePointsPerCluster * clusters;
  return (iteration, phase) => {
    const { updates, inertia, agreement = 1 } = iteration;
    const sample = phase === "sample";
    progress({
      event: "work",
      stage: "cluster",
      step: sample ? "iterations over a sample" : "iterations",
      done: updates,
      total: sampled && !sample ? fullIterations : maxIterations,
      unit: "iterations",
    });
    progress({
      event: "metric",
      stage: "cluster",
      name: sample ? "sampleInertia" : "inertia",
      value: inertia,
    });
    if (isPoor(iteration)) {
      const text = `in eight bits ${(100 * (1 - agreement)).toFixed(1)} % of the documents that were checked went to another cluster than in float32; exact distances from here on`;
      progress({ event: "note", stage: "cluster", text });
    }
  };
}

runAsScript(cluster);
