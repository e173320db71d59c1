/** The assign stage's shards: nearest centroids of one file of vectors, and the table of its documents. */
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { z } from "zod";
import { firstBadRow, openExactNearest } from "../../pipeline/cluster/nearest-centroid.ts";
import { openGraphNearest } from "../../pipeline/cluster/nearest-centroid-graph.ts";
import { InputError, InterruptedError } from "../../pipeline/core/errors.ts";
import { readNpy } from "../../pipeline/core/npy.ts";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";
import { ndjsonToParquet } from "../../pipeline/corpus/ndjson-to-parquet.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import { countByQuantile } from "../../pipeline/domains/distance-bins.ts";
import { type PartsOf, tallyParts } from "../../pipeline/domains/tally.ts";
import { Tally } from "../../pipeline/schema/cluster-model.ts";
import type { DocumentRange } from "./document-ranges.ts";
import { readClusterModel } from "./read-model.ts";

/** What every shard needs. Paths: they stay out of the fingerprint. */
export interface AssignCommon {
  readonly modelDir: string;
  /** Null for the exact method. */
  readonly graph: string | null;
}

export interface AssignShard {
  readonly embeddings: string;
  readonly ranges: readonly DocumentRange[];
}

export const ShardResult = z.object({
  rows: z.int(),
  tallies: z.array(Tally),
  counts: z.array(z.int()),
  distanceSum: z.number(),
  exact: z.boolean(),
  checked: z.int(),
  agreeing: z.int(),
});

export type ShardResult = z.infer<typeof ShardResult>;

/** Documents of a shard whose HNSW answer is compared with the exact one, and how many must agree. */
const checkedDocuments = 256;
const leastAgreement = 0.98;

/** Step nearest: one file of vectors. */
export async function nearest(
  { modelDir, graph }: AssignCommon,
  { embeddings, ranges }: AssignShard,
  { outDir, signal, progress }: ShardContext,
): Promise<unknown> {
  const centroids = await readCentroids(modelDir);
  const { data, shape } = await readNpy(embeddings);
  const points = data as Float32Array;
  const badRow = firstBadRow(points, centroids.dimension);
  if (badRow >= 0) {
    throw new InputError(
      `${embeddings}: row ${badRow} holds a value that is not a finite number`,
      "embed again: every value must be a finite number",
    );
  }
  const exact = await openExactNearest(centroids);
  const approximate = graph === null ? undefined : await openGraphNearest(centroids, graph);
  try {
    const sample = points.subarray(0, checkedDocuments * centroids.dimension);
    let agreeing = 0;
    if (approximate !== undefined) {
      const found = (await approximate.find(sample)).clusters;
      (await exact.find(sample)).clusters.forEach(
        (cluster, row) => (agreeing += cluster === found[row] ? 1 : 0),
      );
    }
    const checked = approximate === undefined ? 0 : sample.length / centroids.dimension;
    const useExact = approximate === undefined || agreeing < leastAgreement * checked;
    const { clusters, distances } = await (useExact ? exact : approximate).find(points);
    const parts = await partsOf(modelDir);
    const tokens = await writeTable({ ranges, clusters, distances, parts, outDir, signal, progress });
    const quantiles = (await readNpy(join(modelDir, "distance-quantiles.npy"))).data as Float64Array;
    return {
      rows: shape[0]!,
      tallies: tallyParts({ clusters, distances, tokens }, parts),
      counts: [...countByQuantile(quantiles, distances)],
      distanceSum: distances.reduce((sum, distance) => sum + distance, 0),
      exact: useExact,
      checked,
      agreeing,
    } satisfies ShardResult;
  } finally {
    await exact.close();
    await approximate?.close();
  }
}

interface ModelParts extends PartsOf {
  readonly ids: readonly string[];
}

async function partsOf(modelDir: string): Promise<ModelParts> {
  const described = await readClusterModel(modelDir);
  return {
    clusterDomain: (await readNpy(join(modelDir, "cluster-domain.npy"))).data,
    domains: described.domains.length,
    outsideDistance: described.distance.outsideDistance,
    ids: described.domains.map(({ id }) => id),
  };
}

/** documents.parquet; returns the documents' tokens. */
async function writeTable(input: {
  ranges: readonly DocumentRange[];
  clusters: Uint32Array;
  distances: Float32Array;
  parts: ModelParts;
  outDir: string;
  signal: AbortSignal;
  progress: ShardContext["progress"];
}): Promise<Uint32Array> {
  const { ranges, clusters, distances, parts, outDir, signal, progress } = input;
  const tokens = new Uint32Array(clusters.length);
  const lines = join(outDir, "documents.ndjson");
  const stream = createWriteStream(lines);
  let row = 0;
  for (const { documents, from, to } of ranges) {
    for await (const batch of readDocuments(documents, ["id", "source", "tokens"], {
      from,
      to,
      batchRows: 2048,
    })) {
      if (signal.aborted) throw new InterruptedError();
      let text = "";
      for (const document of batch) {
        const cluster = clusters[row]!;
        const domain = parts.clusterDomain[cluster]!;
        tokens[row] = document["tokens"] as number;
        text += `${JSON.stringify({
          ...document,
          cluster,
          domain: domain < 0 ? null : parts.ids[domain],
          distance: distances[row],
          fits: distances[row]! <= parts.outsideDistance,
        })}\n`;
        row++;
      }
      stream.write(text);
      progress(row, clusters.length);
    }
  }
  stream.end();
  await finished(stream);
  await ndjsonToParquet(lines, join(outDir, "documents.parquet"), {
    id: "VARCHAR",
    source: "VARCHAR",
    tokens: "INTEGER",
    cluster: "INTEGER",
    domain: "VARCHAR",
    distance: "FLOAT",
    fits: "BOOLEAN",
  });
  await rm(lines);
  return tokens;
}

export async function readCentroids(modelDir: string) {
  const { data, shape } = await readNpy(join(modelDir, "centroids.npy"));
  return { data: data as Float32Array, clusters: shape[0]!, dimension: shape[1]! };
}
