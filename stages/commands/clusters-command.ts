/** `climb clusters RUN`: a run's clusters as NeMo Curator's recipe lays them out, to go on there with its stage 3. */
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { type Artifact, openArtifact } from "../../pipeline/core/artifact.ts";
import { ConfigError, InputError, InterruptedError } from "../../pipeline/core/errors.ts";
import { readNpy, writeNpy } from "../../pipeline/core/npy.ts";
import { openPointReader } from "../../pipeline/cluster/point-reader.ts";
import { type ClusteredRow, writeCuratorClusters } from "../../pipeline/interop/curator-clusters.ts";
import { ClusterResult } from "../cluster.ts";
import { EmbedResult } from "../embed.ts";
import { embeddingSource } from "../parts/embeddings.ts";
import { IngestResult } from "../ingest.ts";
import { writeJsonLines } from "../parts/write-table.ts";

export interface ClustersOptions {
  readonly out?: string;
  readonly json?: boolean;
}

export async function clustersCommand(
  path: string,
  options: ClustersOptions,
  signal: AbortSignal,
): Promise<void> {
  const clustered = await openClustered(path);
  const outDir = resolve(options.out ?? join("data", "clusters", clustered.clusters.name));
  if ((await readdir(outDir).catch(() => [])).length > 0)
    throw new ConfigError(`${outDir} is not empty`, "give another --out, or delete that folder first");
  const partial = `${outDir}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(join(partial, "centroids"), { recursive: true });
  const documents = await writeClusters(clustered, partial, signal);
  await rename(partial, outDir);
  const { clusters, dimension } = clustered.clusters.result;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ out: outDir, documents, clusters, dimension })}\n`
      : `${documents} documents in ${clusters} clusters: ${join(outDir, "clusters")}\n`,
  );
}

interface Clustered {
  readonly corpus: Artifact<IngestResult>;
  readonly vectors: Artifact<EmbedResult>;
  readonly clusters: Artifact<ClusterResult>;
}

/** @param path a run's folder, or data/artifacts/cluster-<hash> */
async function openClustered(path: string): Promise<Clustered> {
  const dir = resolve(path);
  const manifest = await readFile(join(dir, "mixture.json"), "utf8").catch(() => undefined);
  let clusterDir = dir;
  if (manifest !== undefined) {
    const { lineage } = Lineage.parse(JSON.parse(manifest));
    const name = lineage.artifacts["clusters"];
    if (name === undefined) throw missing(`${path} names no clusters`);
    clusterDir = resolve("data", "artifacts", basename(name));
  }
  const clusters = await openArtifact(clusterDir, ClusterResult);
  const vectorsName = clusters?.inputs["vectors"];
  if (clusters === undefined || vectorsName === undefined)
    throw missing(`${clusterDir} is no clustering of vectors`);
  const vectors = await openArtifact(join(dirname(clusterDir), vectorsName), EmbedResult);
  const corpus = await openArtifact(
    join(dirname(clusterDir), vectors?.inputs["corpus"] ?? "-"),
    IngestResult,
  );
  if (vectors === undefined || corpus === undefined)
    throw missing(`what ${clusterDir} was made from is gone`);
  return { corpus, vectors, clusters };
}

const Lineage = z.object({ lineage: z.object({ artifacts: z.record(z.string(), z.string()) }) });

function missing(problem: string): InputError {
  return new InputError(
    problem,
    "give the folder of a run, where it was made, or data/artifacts/cluster-<hash>; or run climb again",
  );
}

async function writeClusters(
  { corpus, vectors, clusters }: Clustered,
  outDir: string,
  signal: AbortSignal,
): Promise<number> {
  const { dimension } = vectors.result;
  const centroids = (await readNpy(clusters.path("centroids.npy"))).data as Float32Array;
  const assignments = (await readNpy(clusters.path("assignments.npy"))).data as Int32Array;
  const distances = (await readNpy(clusters.path("distances.npy"))).data as Float32Array;
  await writeNpy(join(outDir, "centroids", "kmeans_centroids.npy"), centroids, [
    centroids.length / dimension,
    dimension,
  ]);
  const reader = openPointReader(await embeddingSource(vectors));
  const lines = join(outDir, "rows.ndjson");
  let first = 0;
  let written = 0;

  async function* rowsOf(count: number): AsyncGenerator<ClusteredRow> {
    for (let row = 0; row < count; row++) {
      const centroid = assignments[first + row]!;
      if (centroid < 0) continue;
      const vector = reader.row(first + row);
      const cosine =
        1 - cosineOf(vector, centroids.subarray(centroid * dimension, (centroid + 1) * dimension));
      // Nine digits give every float32 back.
      const embeddings = Array.from(vector, (value) => Number(value.toPrecision(9)));
      yield { row, centroid, embeddings, l2: distances[first + row]!, cosine };
      written++;
    }
  }

  for (const { documents, rows } of corpus.result.shards) {
    if (signal.aborted) throw new InterruptedError();
    await writeJsonLines(lines, rowsOf(rows));
    await writeCuratorClusters(outDir, corpus.path(documents), lines, basename(documents, ".parquet"));
    first += rows;
  }
  await rm(lines, { force: true });
  reader.close();
  return written;
}

function cosineOf(a: Float32Array, b: Float32Array): number {
  let product = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let j = 0; j < a.length; j++) {
    product += a[j]! * b[j]!;
    squaresA += a[j]! ** 2;
    squaresB += b[j]! ** 2;
  }
  return squaresA === 0 || squaresB === 0 ? 0 : product / Math.sqrt(squaresA * squaresB);
}
