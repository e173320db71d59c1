/** Config section domains: which clusters are dropped, and how the rest is merged and named. */
import { z } from "zod";
import { positiveInteger, share } from "./numbers.ts";

const PruneRule = z.union([
  z.strictObject({
    score: z
      .string()
      .min(1)
      .describe("quality, advertisement, a column named in corpus.sources[].scores, or a classifier's score"),
    minMean: z.number().describe("A cluster whose mean is below this is dropped"),
  }),
  z.strictObject({
    score: z
      .string()
      .min(1)
      .describe("quality, advertisement, a column named in corpus.sources[].scores, or a classifier's score"),
    dropLowestShare: share.describe("This share of the clusters, those of the lowest mean, is dropped"),
  }),
]);

const ClassifierConfig = z.strictObject({
  score: z.string().regex(/^\w+$/, "should be letters, digits or '_'").describe("Name of the score it gives"),
  model: z
    .string()
    .min(1)
    .describe(
      "fastText .bin or .ftz whose labels are numbers, __label__-1 to __label__5; the likeliest is the score",
    ),
  text: z
    .enum(["recipe", "as-is"])
    .default("recipe")
    .describe(
      "recipe: the text is prepared as NVIDIA's recipe does for its models; as-is: only line feeds become spaces",
    ),
});

const NamingConfig = z.strictObject({
  url: z.url().describe("Of an OpenAI-compatible server, such as http://localhost:8000/v1"),
  model: z.string().min(1).describe("Name of the model there"),
  keyVariable: z
    .string()
    .default("OPENAI_API_KEY")
    .describe("Environment variable with the server's key, if it wants one"),
  concurrency: positiveInteger.default(4).describe("Questions under way at once"),
  timeoutSeconds: z.number().positive().default(60).describe("A question that takes longer is asked again"),
  retries: z
    .int()
    .min(0)
    .default(5)
    .describe("How often a question is asked again, after pauses that double"),
});

const CrossConfig = z.union([
  z.strictObject({
    score: z.string().min(1).describe("quality, advertisement, a column of scores, or a classifier's score"),
    buckets: z
      .int()
      .min(2)
      .default(3)
      .describe("So many buckets of about as many tokens each: q1 (the lowest scores), q2, ..."),
    bounds: z
      .array(z.number())
      .min(1)
      .refine((bounds) => bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]!), "should ascend")
      .nullable()
      .default(null)
      .describe("Scores at which q2, q3, ... begin, instead of buckets of like size"),
  }),
  z.strictObject({ column: z.enum(["source", "label"]).describe("Each of its values is a bucket") }),
]);

export const DomainsConfig = z
  .strictObject({
    from: z
      .enum(["clusters", "labels", "sources"])
      .default("clusters")
      .describe(
        "clusters: embed, cluster, prune and merge. labels: the corpus says in what domain each document is (corpus.sources[].fields.label); sources: each source is a domain. Then neither embedding nor clusters of the corpus are needed, and of prune only the rules apply",
      ),
    quality: z
      .strictObject({
        classifiers: z
          .array(ClassifierConfig)
          .default([])
          .describe("fastText models that score every document, for prune.rules"),
      })
      .prefault({}),
    prune: z
      .strictObject({
        preset: z
          .enum(["heuristic", "paper", "nvidia-recipe", "none"])
          .default("heuristic")
          .describe(
            "heuristic: quantiles of the embedded heuristics; paper and nvidia-recipe: their thresholds on the scores of domains.quality.classifiers or of columns",
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
          .enum(["ward", "ward-tokens", "kmeans"])
          .default("ward")
          .describe(
            "Ward linkage of the centroids as in the recipe, the same weighted by tokens, or k-means over the centroids",
          ),
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
    cross: z
      .array(CrossConfig)
      .default([])
      .describe(
        "Part every domain by quality and by source or label, one after the other: domain_3.q2, domain_3.web. A part with less than merge.minDomainShare of the tokens joins another of its domain",
      ),
    duplicates: z
      .strictObject({
        minCosine: z
          .number()
          .gt(0)
          .max(1)
          .default(0.95)
          .describe("Documents whose embeddings are at least this near are the same"),
        drop: z
          .boolean()
          .default(false)
          .describe("Take all but the first of them out of the domains (SemDeDup)"),
      })
      .nullable()
      .default(null)
      .describe("Look for near duplicates by embedding, within and across clusters; null does not"),
    naming: NamingConfig.nullable()
      .default(null)
      .describe("Ask a language model for the domains' names; null names them by their keywords"),
    keywords: positiveInteger.default(8).describe("c-TF-IDF keywords kept per domain"),
    representatives: positiveInteger
      .default(3)
      .describe("Documents nearest the domain's centre shown as examples"),
  })
  .prefault({});

export type DomainsConfig = z.output<typeof DomainsConfig>;
export type ClassifierConfig = z.output<typeof ClassifierConfig>;
export type CrossConfig = z.output<typeof CrossConfig>;
export type NamingConfig = z.output<typeof NamingConfig>;
export type PruneRule = z.output<typeof PruneRule>;
