/** Config section domains: which clusters are dropped, and how the rest is merged and named. */
import { z } from "zod";
import { positiveInteger, share } from "./numbers.ts";

const PruneRule = z.union([
  z.strictObject({
    score: z.string().min(1).describe("quality, advertisement, or a column named in corpus.sources[].scores"),
    minMean: z.number().describe("A cluster whose mean is below this is dropped"),
  }),
  z.strictObject({
    score: z.string().min(1).describe("quality, advertisement, or a column named in corpus.sources[].scores"),
    dropLowestShare: share.describe("This share of the clusters, those of the lowest mean, is dropped"),
  }),
]);

export const DomainsConfig = z
  .strictObject({
    from: z
      .enum(["clusters", "labels", "sources"])
      .default("clusters")
      .describe(
        "clusters: embed, cluster, prune and merge. labels: the corpus says in what domain each document is (corpus.sources[].fields.label); sources: each source is a domain. Then neither embedding nor clusters of the corpus are needed, and of prune only the rules apply",
      ),
    prune: z
      .strictObject({
        preset: z
          .enum(["heuristic", "paper", "nvidia-recipe", "none"])
          .default("heuristic")
          .describe(
            "heuristic: quantiles of the embedded heuristics; paper and nvidia-recipe: their thresholds on classifier columns",
          ),
        rules: z
          .array(PruneRule)
          .default([])
          .describe("Further rules; a cluster is dropped if any rule says so"),
      })
      .prefault({}),
    merge: z
      .strictObject({
        method: z
          .enum(["ward", "kmeans"])
          .default("ward")
          .describe("Ward linkage, or k-means over the centroids"),
        domains: positiveInteger
          .nullable()
          .default(20)
          .describe("Number of domains to merge into; null merges by distance"),
        distance: z
          .number()
          .positive()
          .nullable()
          .default(null)
          .describe("Ward height at which merging stops (1.5 in the recipe); used when domains is null"),
        minDomainShare: share
          .default(0.005)
          .describe("A domain with a smaller share of the tokens joins the nearest one"),
        maxDomainShare: z
          .number()
          .gt(0)
          .max(1)
          .default(0.4)
          .describe(
            "A domain with a larger share of the tokens is split again where it has several clusters",
          ),
      })
      .prefault({}),
    keywords: positiveInteger.default(8).describe("c-TF-IDF keywords kept per domain"),
    representatives: positiveInteger
      .default(3)
      .describe("Documents nearest the domain's centre shown as examples"),
  })
  .prefault({});

export type DomainsConfig = z.output<typeof DomainsConfig>;
export type PruneRule = z.output<typeof PruneRule>;
