import { join } from "node:path";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import { writeNpy } from "../../pipeline/core/npy.ts";
import type { IngestResult } from "../ingest.ts";
import { clusterSizes } from "./cluster-sizes.ts";
import { eachDocument, writeTable } from "./write-table.ts";

/** Which cluster every document is in. */
export interface ClusterFiles {
  readonly corpus: Artifact<IngestResult>;
  readonly clusters: number;
  readonly dimension: number;
  /** clusters * dimension */
  readonly centroids: Float32Array;
  /** One a corpus row; -1 for rows that may not train. */
  readonly assignments: Int32Array;
  /** To the row's own centroid; NaN for those rows. */
  readonly distances: Float32Array;
}

/**
 * Writes centroids.npy, assignments.npy, distances.npy and, for people, assignments.parquet with id, cluster
 * and distance of every document, both NULL for those that may not train.
 *
 * @returns the clusters' sizes
 */
export async function writeClusterFiles(outDir: string, files: ClusterFiles): Promise<number[]> {
  const { clusters, dimension, centroids, assignments, distances } = files;
  await writeNpy(join(outDir, "centroids.npy"), centroids, [clusters, dimension]);
  await writeNpy(join(outDir, "assignments.npy"), assignments, [assignments.length]);
  await writeNpy(join(outDir, "distances.npy"), distances, [distances.length]);
  const columns = { id: "VARCHAR", cluster: "INTEGER", distance: "FLOAT" };
  await writeTable(join(outDir, "assignments.parquet"), columns, assignmentRows(files));
  return clusterSizes(assignments, clusters);
}

async function* assignmentRows({ corpus, assignments, distances }: ClusterFiles): AsyncGenerator<object> {
  let row = 0;
  for await (const { id } of eachDocument(corpus, ["id"])) {
    const cluster = assignments[row]!;
    yield cluster < 0 ? { id } : { id, cluster, distance: distances[row] };
    row++;
  }
}
