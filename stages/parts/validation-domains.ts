/** The part of domains that says which domain held-out text of the corpus belongs to. */
import { join } from "node:path";
import { openExactNearest } from "../../pipeline/cluster/nearest-centroid.ts";
import { openPointReader } from "../../pipeline/cluster/point-reader.ts";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import { readNpy, writeNpy } from "../../pipeline/core/npy.ts";
import { tableOfLabels } from "../../pipeline/domains/label-ids.ts";
import type { ClusterResult } from "../cluster.ts";
import type { EmbedResult } from "../embed.ts";
import type { HoldoutResult } from "../holdout.ts";
import type { IngestResult } from "../ingest.ts";
import { readColumn } from "./corpus-columns.ts";
import { embeddingSource } from "./embeddings.ts";

interface ValidationInput {
  readonly corpus: Artifact<IngestResult>;
  readonly vectors: Artifact<EmbedResult> | undefined;
  readonly clusters: Artifact<ClusterResult>;
  readonly holdout: Artifact<HoldoutResult>;
  /** Domain of each cluster, -1 for none. */
  readonly clusterDomain: Int32Array;
  readonly domains: number;
  /** Where clusters are labels: their column. */
  readonly column: "label" | "source";
}

/**
 * Writes row-validation.npy, validation-side.npy and row-bytes.npy, and counts the documents: a held-out document is of the
 * domain of its nearest centroid, or of its label's. Of a domain's documents, which lie in random order, every other one is
 * for confirm.
 *
 * @returns documents by domain
 */
export async function writeValidationDomains(input: ValidationInput, outDir: string): Promise<number[]> {
  const { corpus, clusterDomain, domains } = input;
  const { data: isHeldOut } = await readNpy(input.holdout.path("validation.npy"));
  const rows = Uint32Array.from(isHeldOut.keys()).filter((row) => isHeldOut[row] !== 0);
  const clusters = await clustersOf(rows, input);
  const rowValidation = new Int32Array(isHeldOut.length).fill(-1);
  const side = new Uint8Array(isHeldOut.length);
  const documents = Array.from({ length: domains }, () => 0);
  rows.forEach((row, at) => {
    const domain = clusterDomain[clusters[at]!] ?? -1;
    rowValidation[row] = domain;
    if (domain >= 0) side[row] = documents[domain]!++ % 2 === 0 ? 1 : 2;
  });
  const bytes = Uint32Array.from((await readColumn(corpus, "bytes")) as number[]);
  await writeNpy(join(outDir, "row-validation.npy"), rowValidation, [rowValidation.length]);
  await writeNpy(join(outDir, "validation-side.npy"), side, [side.length]);
  await writeNpy(join(outDir, "row-bytes.npy"), bytes, [bytes.length]);
  return documents;
}

async function clustersOf(
  rows: Uint32Array,
  { corpus, vectors, clusters, column }: ValidationInput,
): Promise<ArrayLike<number>> {
  if (clusters.result.labels !== undefined || vectors === undefined) {
    const { rowLabel } = tableOfLabels((await readColumn(corpus, column)) as (string | null)[], column);
    return rows.map((row) => rowLabel[row]!);
  }
  const { dimension } = clusters.result;
  const points = new Float32Array(rows.length * dimension);
  const reader = openPointReader(await embeddingSource(vectors));
  rows.forEach((row, at) => points.set(reader.row(row), at * dimension));
  reader.close();
  const centroids = (await readNpy(clusters.path("centroids.npy"))).data as Float32Array;
  const nearest = await openExactNearest({ data: centroids, clusters: clusters.result.clusters, dimension });
  const found = await nearest.find(points);
  await nearest.close();
  return found.clusters;
}
