/** Config section cluster. */
import { z } from "zod";
import { positiveInteger } from "./numbers.ts";

export const ClusterConfig = z
  .strictObject({
    given: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        "kmeans_centroids.npy of NeMo Curator's recipe: no k-means runs, documents are in the clusters that their folders centroid=N, or fields.label, say; needs embed.readyMade",
      ),
    clusters: positiveInteger.default(1000).describe("K_init of the paper, section 3.1"),
    maxIterations: positiveInteger.default(25).describe("Lloyd iterations at most"),
    tolerance: z
      .number()
      .min(0)
      .default(1e-4)
      .describe("Stop when the inertia's relative decrease is below this"),
    initPointsPerCluster: positiveInteger
      .default(20)
      .describe("Greedy k-means++ looks at a sample of this many points per cluster"),
    samplePointsPerCluster: z
      .union([positiveInteger, z.literal("all")])
      .default(256)
      .describe(
        "Of more documents per cluster than these a random sample is clustered first; all: never sample",
      ),
    fullIterations: z
      .int()
      .min(0)
      .default(1)
      .describe(
        "Lloyd iterations over all documents after those over a sample; all are assigned in any case",
      ),
    precision: z
      .enum(["auto", "float32", "int8"])
      .default("auto")
      .describe(
        "How the nearest centroid is found. float32: exactly, by products in float32, or over large inputs by codes that leave few centroids to be measured in float64. int8: by eight-bit codes alone, a fifth faster, within a thousandth of the inertia; checks itself, and the last assignment is exact always. auto: int8 from 500 clusters on",
      ),
    stability: z
      .boolean()
      .default(false)
      .describe(
        "Cluster up to 64 documents per cluster again from another seed, and report how far the clusters are the same (NMI, ARI). Takes a quarter of the clustering's time, or of small corpora as long again",
      ),
    passes: z
      .enum(["auto", "threads", "shards"])
      .default("auto")
      .describe(
        "Where iterations over all documents run: in threads of the coordinator, or as shards of the executor; auto: shards where it is slurm and there are more documents than one holds. Never changes a result",
      ),
    shardDocuments: positiveInteger
      .default(500_000)
      .describe("Documents of one shard of a pass; never changes a result"),
  })
  .prefault({});

export type ClusterConfig = z.output<typeof ClusterConfig>;
