/**
 * Stage 4, where k-means has run elsewhere: NeMo Curator's CLIMB recipe leaves clusters/centroid=<int>/*.parquet
 * and centroids/kmeans_centroids.npy, whose rows those integers are. The corpus reads the former, with its
 * embeddings (embed.readyMade); this stage takes the latter, and the run goes on with pruning and merging.
 *
 *   in    the corpus with its labels, the vectors it brought; which rows may train; kmeans_centroids.npy
 *   out   what stage cluster writes
 */
import { InputError } from "../pipeline/core/errors.ts";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { readNpy } from "../pipeline/core/npy.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { openPointReader } from "../pipeline/cluster/point-reader.ts";
import { ClusterResult } from "./cluster.ts";
import { writeClusterFiles } from "./parts/cluster-files.ts";
import type { EmbedResult } from "./embed.ts";
import { embeddingSource } from "./parts/embeddings.ts";
import type { HoldoutResult } from "./holdout.ts";
import type { IngestResult } from "./ingest.ts";
import { runAsScript } from "./parts/shard-main.ts";
import { eachDocument } from "./parts/write-table.ts";

interface GivenClustersConfig {
  /** kmeans_centroids.npy */
  readonly path: string;
  readonly sha256: string;
}

interface GivenClustersInputs {
  corpus: Artifact<IngestResult>;
  vectors: Artifact<EmbedResult>;
  holdout: Artifact<HoldoutResult>;
  [role: string]: Artifact;
}

export const givenClusters: Stage<GivenClustersConfig, GivenClustersInputs, ClusterResult> = {
  name: "given-clusters",
  version: 1,
  entry: import.meta.filename,
  result: ClusterResult,
  recorded: ({ sha256 }) => ({ sha256 }),
  steps: {},

  async run({ path }, { corpus, vectors, holdout }, { outDir }) {
    const training = (await readNpy(holdout.path("training.npy"))).data as Uint8Array;
    const { dimension } = vectors.result;
    const { centroids, clusters } = await readCentroids(path, dimension);
    const reader = openPointReader(await embeddingSource(vectors));
    const assignments = new Int32Array(training.length).fill(-1);
    const distances = new Float32Array(training.length).fill(Number.NaN);
    let inertia = 0;
    let row = 0;
    for await (const { id, label } of eachDocument(corpus, ["id", "label"])) {
      if (training[row] === 1) {
        const cluster = clusterOf(id as string, label as string | null, clusters, path);
        const squared = squaredDistance(reader.row(row), centroids, cluster * dimension);
        assignments[row] = cluster;
        distances[row] = Math.sqrt(squared);
        inertia += squared;
      }
      row++;
    }
    reader.close();
    const files = { corpus, clusters, dimension, centroids, assignments, distances };
    const sizes = await writeClusterFiles(outDir, files);
    const rows = sizes.reduce((sum, size) => sum + size, 0);
    return { clusters, dimension, rows, inertia, converged: true, iterations: [], sizes };
  },
};

async function readCentroids(
  path: string,
  dimension: number,
): Promise<{ centroids: Float32Array; clusters: number }> {
  const { data, shape } = await readNpy(path);
  const [clusters = 0, columns] = shape;
  if (shape.length !== 2 || columns !== dimension) {
    throw new InputError(
      `${path} holds centroids of shape [${shape.join(", ")}], the documents' vectors are of dimension ${dimension}`,
      "set embed.readyMade to true and take the embeddings that these centroids were made from",
    );
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InputError(
      `${path}: row ${Math.floor(bad / dimension)}, column ${bad % dimension} is ${data[bad]}`,
      "cluster again: every value must be a finite number",
    );
  }
  return { centroids: Float32Array.from(data), clusters };
}

function clusterOf(id: string, label: string | null, clusters: number, path: string): number {
  const cluster = label === null || label.trim() === "" ? Number.NaN : Number(label);
  if (Number.isInteger(cluster) && cluster >= 0 && cluster < clusters) return cluster;
  throw new InputError(
    `document ${id} has the label ${label === null ? "(none)" : `'${label}'`}, which is no row of the ${clusters} in ${path}`,
    "give folders centroid=<int> as sources, or fields.label the column that says the row; or leave cluster.given out",
  );
}

function squaredDistance(point: Float32Array, centroids: Float32Array, at: number): number {
  let squared = 0;
  for (let j = 0; j < point.length; j++) squared += (point[j]! - centroids[at + j]!) ** 2;
  return squared;
}

runAsScript(givenClusters);
