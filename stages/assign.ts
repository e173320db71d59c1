/**
 * Put the documents of a new corpus into the clusters and domains of a model.
 *
 *   in    a cluster model; a corpus and its vectors, made by the model's embedder
 *   out   documents-*.parquet   id, source, tokens, cluster, domain, distance, fits: one row a document
 *         assignment.json       shares per domain beside those of training, what fits nowhere, the drift: schema/assignment.ts
 */
import { access, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeCentroidGraph } from "../pipeline/cluster/nearest-centroid-graph.ts";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { readNpy } from "../pipeline/core/npy.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { judgeDrift } from "../pipeline/domains/drift.ts";
import { addTallies } from "../pipeline/domains/tally.ts";
import { Random } from "../pipeline/math/random.ts";
import { Assignment } from "../pipeline/schema/assignment.ts";
import type { ClusterModel } from "../pipeline/schema/cluster-model.ts";
import {
  type AssignCommon,
  type AssignShard,
  nearest,
  readCentroids,
  ShardResult,
} from "./parts/assign-shard.ts";
import { checkVectors } from "./parts/check-vectors.ts";
import { documentRanges } from "./parts/document-ranges.ts";
import type { EmbedResult } from "./embed.ts";
import type { IngestResult } from "./ingest.ts";
import type { ModelResult } from "./model.ts";
import { placeFile } from "./parts/place-file.ts";
import { readClusterModel } from "./parts/read-model.ts";
import { runAsScript } from "./parts/shard-main.ts";

export const AssignResult = z.strictObject({
  documents: z.int(),
  files: z.array(z.string()),
  verdict: z.string(),
});
export type AssignResult = z.infer<typeof AssignResult>;

export type AssignMethod = "exact" | "hnsw";

interface AssignConfig {
  readonly method: AssignMethod;
}

interface AssignInputs {
  model: Artifact<ModelResult>;
  corpus: Artifact<IngestResult>;
  vectors: Artifact<EmbedResult>;
  [role: string]: Artifact;
}

/** From here on an HNSW graph beats the matrix product; below it is slower and not exact. */
const graphPays = 15_000;
/** The method that is faster for so many clusters. */
export function methodFor(clusters: number): AssignMethod {
  return clusters >= graphPays ? "hnsw" : "exact";
}

export const assign: Stage<AssignConfig, AssignInputs, AssignResult> = {
  name: "assign",
  version: 1,
  entry: import.meta.filename,
  result: AssignResult,
  recorded: (config) => config,
  steps: { nearest },

  async run({ method }, { model, corpus, vectors }, { shards, outDir, workDir }) {
    checkVectors(model, vectors);
    const described = await readClusterModel(model);
    const graph = method === "hnsw" ? await centroidGraph(model, join(workDir, "centroids.hnsw")) : null;
    const parts = await shards("nearest", { modelDir: model.dir, graph } satisfies AssignCommon, [
      ...shardsOf(corpus, vectors),
    ]);
    const results = z.array(ShardResult).parse(parts.map((part) => part.result));
    const files: string[] = [];
    for (const [index, part] of parts.entries()) {
      const name = `documents-${String(index).padStart(5, "0")}.parquet`;
      await placeFile(part.files.get("documents.parquet")!, join(outDir, name));
      files.push(name);
    }
    const assignment = await describe({ model, described, method, results });
    await writeFile(join(outDir, "assignment.json"), `${JSON.stringify(assignment, undefined, 2)}\n`);
    return { documents: assignment.documents, files, verdict: assignment.drift.verdict };
  },
};

/** One shard a file of vectors, with the rows of the documents they belong to. */
function shardsOf(corpus: Artifact<IngestResult>, vectors: Artifact<EmbedResult>): AssignShard[] {
  let row = 0;
  return vectors.result.files.map(({ path, rows }) => {
    const ranges = documentRanges(corpus, row, row + rows);
    row += rows;
    return { embeddings: vectors.path(path), ranges };
  });
}

async function centroidGraph(model: Artifact<ModelResult>, path: string): Promise<string> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) return path;
  await writeCentroidGraph(await readCentroids(model.dir), `${path}.tmp`);
  await rename(`${path}.tmp`, path);
  return path;
}

async function describe(input: {
  model: Artifact<ModelResult>;
  described: ClusterModel;
  method: AssignMethod;
  results: readonly ShardResult[];
}): Promise<Assignment> {
  const { model, described, method, results } = input;
  const tallies = addTallies(results.map((result) => result.tallies));
  const add = (of: (result: ShardResult) => number) => results.reduce((sum, result) => sum + of(result), 0);
  const documents = add(({ rows }) => rows);
  const tokens = tallies.reduce((sum, tally) => sum + tally.tokens, 0);
  const training = described.parts.map((part) => part.training);
  const trainingDocuments = training.reduce((sum, tally) => sum + tally.documents, 0);
  const trainingTokens = training.reduce((sum, tally) => sum + tally.tokens, 0);
  const bins = results[0]!.counts.map((_, bin) => add(({ counts }) => counts[bin]!));
  const drift = judgeDrift(
    {
      training,
      corpus: tallies,
      distances: {
        trainingBins: (await readNpy(model.path("distance-counts.npy"))).data,
        bins,
        trainingMean: described.distance.mean,
        mean: add(({ distanceSum }) => distanceSum) / documents,
      },
    },
    // The same two corpora give the same intervals.
    new Random(model.fingerprint).fork("drift"),
  );
  return Assignment.parse({
    schemaVersion: 1,
    model: model.name,
    embedder: described.embedder.identity,
    documents,
    tokens,
    method: {
      name: method,
      exactShards: results.filter(({ exact }) => exact).length,
      shards: results.length,
      checkedDocuments: add(({ checked }) => checked),
      agreeingDocuments: add(({ agreeing }) => agreeing),
    },
    parts: described.parts.map(({ id, name, kind }, index) => ({
      id,
      name,
      kind,
      documents: tallies[index]!.documents,
      tokens: tallies[index]!.tokens,
      documentShare: tallies[index]!.documents / documents,
      tokenShare: tallies[index]!.tokens / tokens,
      trainingDocumentShare: training[index]!.documents / trainingDocuments,
      trainingTokenShare: training[index]!.tokens / trainingTokens,
    })),
    drift,
  } satisfies Assignment);
}

runAsScript(assign);
