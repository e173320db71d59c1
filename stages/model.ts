/**
 * Stage 6: the clusters and domains as a model that later corpora can be put into (`climb assign`, `climb recluster`).
 *
 *   in    the corpus, its vectors, its clusters, the domains
 *   out   model.json               embedder, domains (topics, where they were crossed) and names, quality rules, training shares: schema/cluster-model.ts
 *         centroids.npy            float32, clusters * dimension
 *         cluster-domain.npy       int32, one a cluster: index of its domain, -1 for dropped ones
 *         distance-quantiles.npy   float64, 1001: quantiles of the training documents' leave-one-out distances
 *         distance-counts.npy      uint32, 1002: training documents between those quantiles
 */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { leaveOneOutDistances } from "../pipeline/cluster/leave-one-out.ts";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { InputError } from "../pipeline/core/errors.ts";
import { readNpy, writeNpy } from "../pipeline/core/npy.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { countByQuantile, distanceQuantiles, quantileSteps } from "../pipeline/domains/distance-bins.ts";
import { tallyParts } from "../pipeline/domains/tally.ts";
import { ClusterModel } from "../pipeline/schema/cluster-model.ts";
import type { TokenizerName } from "../pipeline/schema/config.ts";
import type { CorpusConfig } from "../pipeline/schema/corpus-config.ts";
import { DomainTable } from "../pipeline/schema/domain.ts";
import type { EmbedConfig } from "../pipeline/schema/embed-config.ts";
import type { ClusterResult } from "./cluster.ts";
import type { DomainsResult } from "./domains.ts";
import type { EmbedResult } from "./embed.ts";
import type { IngestResult } from "./ingest.ts";
import { runAsScript } from "./parts/shard-main.ts";

export const ModelResult = z.strictObject({
  embedder: z.string(),
  dimension: z.int(),
  clusters: z.int(),
  domains: z.int(),
  outsideDistance: z.number(),
});
export type ModelResult = z.infer<typeof ModelResult>;

export interface ModelStageConfig {
  readonly embed: EmbedConfig;
  readonly reading: Omit<CorpusConfig, "sources">;
  readonly tokenizer: TokenizerName;
}

interface ModelInputs {
  corpus: Artifact<IngestResult>;
  vectors: Artifact<EmbedResult>;
  clusters: Artifact<ClusterResult>;
  domains: Artifact<DomainsResult>;
  [role: string]: Artifact;
}

/** One training document in a hundred fits no cluster, by definition. */
const outsideQuantile = 0.99;

export const model: Stage<ModelStageConfig, ModelInputs, ModelResult> = {
  name: "model",
  version: 2,
  entry: import.meta.filename,
  result: ModelResult,
  recorded: (config) => config,
  steps: {},

  async run({ embed, reading, tokenizer }, { vectors, clusters, domains }, { outDir }) {
    const table = DomainTable.parse(JSON.parse(await readFile(domains.path("domains.json"), "utf8")));
    const assignments = (await readNpy(clusters.path("assignments.npy"))).data as Int32Array;
    const toCentroid = (await readNpy(clusters.path("distances.npy"))).data as Float32Array;
    const tokens = (await readNpy(domains.path("row-tokens.npy"))).data as Uint32Array;
    const distances = leaveOneOutDistances(assignments, toCentroid, clusters.result.sizes);
    const known = distances.filter((distance) => !Number.isNaN(distance));
    if (known.length === 0) {
      throw new InputError(
        `every one of the ${clusters.result.clusters} clusters holds a single document`,
        "lower cluster.clusters",
      );
    }
    const quantiles = distanceQuantiles(known);
    const outsideDistance = quantiles[outsideQuantile * quantileSteps]!;

    const topics = table.crossed?.topics ?? table.domains;
    const clusterDomain = Int32Array.from(table.clusters, ({ domain }) =>
      topics.findIndex(({ id }) => id === domain),
    );
    const parts = [
      ...topics.map(({ id, name }) => ({ id, name, kind: "domain" as const })),
      { id: "dropped", name: "clusters that were pruned", kind: "dropped" as const },
      { id: "outside", name: "fits no cluster", kind: "outside" as const },
    ];
    // A document alone in its cluster has no other to be near to; where it lies is all that is known.
    const tallies = tallyParts(
      { clusters: assignments, distances, tokens },
      { clusterDomain, domains: topics.length, outsideDistance },
    );
    const described: ClusterModel = {
      schemaVersion: 1,
      embedder: {
        identity: vectors.result.identity,
        dimension: clusters.result.dimension,
        settings: embed,
      },
      normalisation: "unit rows",
      tokenizer,
      reading,
      clusters: clusters.result.clusters,
      domains: topics.map(({ id, name, keywords, clusters }) => ({ id, name, keywords, clusters })),
      crossed: table.crossed !== undefined,
      quality: {
        rules: table.rules,
        dropped: table.clusters.flatMap(({ cluster, droppedBy }) =>
          droppedBy === null ? [] : [{ cluster, droppedBy }],
        ),
      },
      distance: {
        measure: "leave-one-out",
        mean: known.reduce((sum, distance) => sum + distance, 0) / known.length,
        outsideQuantile,
        outsideDistance,
      },
      parts: parts.map((part, index) => ({ ...part, training: tallies[index]! })),
    };
    await writeFile(
      join(outDir, "model.json"),
      `${JSON.stringify(ClusterModel.parse(described), undefined, 2)}\n`,
    );
    await copyFile(clusters.path("centroids.npy"), join(outDir, "centroids.npy"));
    await writeNpy(join(outDir, "cluster-domain.npy"), clusterDomain, [clusterDomain.length]);
    await writeNpy(join(outDir, "distance-quantiles.npy"), quantiles, [quantiles.length]);
    const counts = countByQuantile(quantiles, known);
    await writeNpy(join(outDir, "distance-counts.npy"), counts, [counts.length]);
    return {
      embedder: vectors.result.identity,
      dimension: clusters.result.dimension,
      clusters: clusters.result.clusters,
      domains: topics.length,
      outsideDistance,
    };
  },
};

runAsScript(model);
