/**
 * Stage 4: group the training documents into K_init clusters (paper, section 3.1).
 *
 *   in    embeddings of the corpus; which rows may train
 *   out   centroids.npy      float32, clusters * dimension
 *         assignments.npy    int32, one a corpus row; -1 for rows that may not train
 *         distances.npy      float32, to the row's own centroid; NaN for those rows
 */
import { join } from "node:path";
import { z } from "zod";
import { kmeans } from "../pipeline/cluster/kmeans.ts";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { readNpy, writeNpy } from "../pipeline/core/npy.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { Random } from "../pipeline/math/random.ts";
import type { ClusterConfig } from "../pipeline/schema/cluster-config.ts";
import type { EmbedResult } from "./embed.ts";
import { readEmbeddings } from "./embeddings.ts";
import type { HoldoutResult } from "./holdout.ts";
import { runAsScript } from "./shard-main.ts";

export const ClusterResult = z.strictObject({
  clusters: z.int(),
  dimension: z.int(),
  rows: z.int(),
  inertia: z.number(),
  converged: z.boolean(),
  iterations: z.array(z.object({ inertia: z.number() })),
  sizes: z.array(z.int()),
});
export type ClusterResult = z.infer<typeof ClusterResult>;

interface ClusterStageConfig {
  readonly cluster: ClusterConfig;
  readonly seed: number;
}

interface ClusterInputs {
  vectors: Artifact<EmbedResult>;
  holdout: Artifact<HoldoutResult>;
  [role: string]: Artifact;
}

/** Below this many points a centroid is not well determined: FAISS warns at the same number. */
const steadyDocuments = 39;

export const cluster: Stage<ClusterStageConfig, ClusterInputs, ClusterResult> = {
  name: "cluster",
  version: 1,
  entry: import.meta.filename,
  result: ClusterResult,
  recorded: (config) => config,
  steps: {},

  async run({ cluster, seed }, { vectors, holdout }, { outDir, workers, signal, progress }) {
    const training = (await readNpy(holdout.path("training.npy"))).data as Uint8Array;
    const points = await readEmbeddings(vectors, training);
    if (points.rows < steadyDocuments * cluster.clusters) {
      const text = `${(points.rows / cluster.clusters).toFixed(1)} documents a cluster: fewer than ${steadyDocuments} are not steady; lower cluster.clusters`;
      progress({ event: "note", stage: "cluster", text });
    }
    let iteration = 0;
    const { rows, dimension } = points;
    const found = await kmeans(
      { data: points.vectors, rows, dim: dimension },
      {
        ...cluster,
        seed: new Random(seed).fork("cluster"),
        workers,
        signal,
        onIteration: ({ inertia }) => {
          iteration++;
          progress({
            event: "work",
            stage: "cluster",
            step: "iterations",
            done: iteration,
            total: cluster.maxIterations,
            unit: "iterations",
          });
          progress({ event: "metric", stage: "cluster", name: "inertia", value: inertia });
        },
      },
    );

    const assignments = new Int32Array(training.length).fill(-1);
    const distances = new Float32Array(training.length).fill(Number.NaN);
    const sizes = Array.from({ length: cluster.clusters }, () => 0);
    let point = 0;
    training.forEach((kept, row) => {
      if (kept === 0) return;
      const assigned = found.assignments[point]!;
      assignments[row] = assigned;
      distances[row] = found.distances[point]!;
      sizes[assigned]!++;
      point++;
    });
    await writeNpy(join(outDir, "centroids.npy"), found.centroids, [cluster.clusters, dimension]);
    await writeNpy(join(outDir, "assignments.npy"), assignments, [assignments.length]);
    await writeNpy(join(outDir, "distances.npy"), distances, [distances.length]);
    return {
      clusters: cluster.clusters,
      dimension,
      rows,
      inertia: found.inertia,
      converged: found.converged,
      iterations: found.iterations.map(({ inertia }) => ({ inertia })),
      sizes,
    };
  },
};

runAsScript(cluster);
