/** What the domains stage writes: clusters kept or dropped, domains, and why. */
import { z } from "zod";

/** One k-means cell before pruning and merging. */
export const ClusterRow = z.strictObject({
  cluster: z.int(),
  documents: z.int(),
  tokens: z.int(),
  /** Mean over the cluster's documents of each score, in the score's own unit. */
  scores: z.record(z.string(), z.number()),
  /** Domain the cluster belongs to (where they were crossed: the topic), or null when it was dropped or is empty. */
  domain: z.string().nullable(),
  /** Why the cluster was dropped, or null. */
  droppedBy: z.string().nullable(),
});

/** One pruning rule as it was applied: its threshold resolved to a number. */
export const AppliedRule = z.strictObject({
  score: z.string(),
  minMean: z.number(),
  /** "given" in the config or preset, or "quantile" computed from this corpus. */
  threshold: z.enum(["given", "quantile"]),
  dropLowestShare: z.number().nullable(),
  droppedClusters: z.int(),
  droppedDocuments: z.int(),
  droppedTokens: z.int(),
});

const Representative = z.strictObject({
  id: z.string(),
  source: z.string(),
  /** The document's beginning, cut at a word. */
  excerpt: z.string(),
});

export const Domain = z.strictObject({
  id: z.string(),
  name: z.string(),
  keywords: z.array(z.string()),
  representatives: z.array(Representative),
  clusters: z.array(z.int()),
  documents: z.int(),
  tokens: z.int(),
  bytes: z.int(),
  /** Share of the tokens of all domains together. */
  naturalShare: z.number(),
  /** Token share of each source within the domain. */
  sources: z.record(z.string(), z.number()),
  scores: z.record(z.string(), z.number()),
});

/** How clusters or domains agree with a column that says what each document is. */
const ColumnAgreement = z.strictObject({
  column: z.string(),
  of: z.enum(["clusters", "domains"]),
  /** Distinct values of the column. */
  labels: z.int(),
  purity: z.number(),
  nmi: z.number(),
  ari: z.number(),
});

/** Numbers on the clustering itself; absent where the domains were given. */
export const ClusterQuality = z.strictObject({
  /** groups * sum of squared sizes / documents^2: 1 if all are of one size. */
  imbalance: z.strictObject({ clusters: z.number(), domains: z.number() }),
  /** How far another seed puts so many documents into the same clusters; absent where it was not tried. */
  stability: z.strictObject({ documents: z.int(), nmi: z.number(), ari: z.number() }).optional(),
  /** Over the kept documents, for source and label where they differ between documents. */
  agreement: z.array(ColumnAgreement),
});

/** A domain as it was before it was crossed with something. */
const Topic = z.strictObject({
  ...Domain.pick({ id: true, name: true, keywords: true, clusters: true, naturalShare: true }).shape,
  /** Ids of the domains it was parted into. */
  domains: z.array(z.string()),
});

const Crossing = z.strictObject({
  /** Name of the score or column. */
  by: z.string(),
  buckets: z.array(z.string()),
  /** Scores at which q2, q3, ... begin. */
  bounds: z.array(z.number()).optional(),
  /** Parts with documents, before small ones joined others; and those that did, with what is in them. */
  parts: z.int(),
  joinedParts: z.int(),
  joinedDocuments: z.int(),
  joinedTokens: z.int(),
});

export const DomainTable = z.strictObject({
  rules: z.array(AppliedRule),
  clusters: z.array(ClusterRow),
  domains: z.array(Domain),
  quality: ClusterQuality.optional(),
  /** Where the domains are parts of topics: which, and by what they were parted. */
  crossed: z.strictObject({ topics: z.array(Topic), by: z.array(Crossing) }).optional(),
  /** Near duplicates by embedding, where they were looked for. */
  duplicates: z
    .strictObject({
      minCosine: z.number(),
      dropped: z.boolean(),
      /** Those whose original is in another cluster. */
      acrossClusters: z.int(),
      /** In the order of the domains; counted before they were dropped. */
      byDomain: z.array(z.strictObject({ documents: z.int(), tokens: z.int() })),
    })
    .optional(),
  /**
   * Ward linkage of the domains' centres, as scipy writes it: every row merges two of the domains (by index) or earlier
   * rows (domains + row). Of the topics, where they were crossed.
   */
  dendrogram: z.array(z.strictObject({ left: z.int(), right: z.int(), height: z.number() })).optional(),
});

export type ClusterRow = z.infer<typeof ClusterRow>;
export type AppliedRule = z.infer<typeof AppliedRule>;
export type Domain = z.infer<typeof Domain>;
export type ClusterQuality = z.infer<typeof ClusterQuality>;
export type Topic = z.infer<typeof Topic>;
export type Crossing = z.infer<typeof Crossing>;
export type DomainTable = z.infer<typeof DomainTable>;
