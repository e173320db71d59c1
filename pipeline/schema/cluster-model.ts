/** The cluster model: everything needed to put a document of any later corpus into the domains of a run. */
import { z } from "zod";
import { ClimbConfig } from "./config.ts";
import { CorpusConfig } from "./corpus-config.ts";
import { AppliedRule } from "./domain.ts";
import { EmbedConfig } from "./embed-config.ts";

/** Sums over some documents, enough to resample their token share. */
export const Tally = z.strictObject({
  documents: z.int(),
  tokens: z.int(),
  /** Sum of the squares of the documents' tokens. */
  squaredTokens: z.int(),
});

/** One line of a model's account: a domain, or one of the two places for what belongs to none. */
const ModelPart = z.strictObject({
  /** The domain's id, "dropped" for pruned clusters, "outside" for documents too far from every centroid. */
  id: z.string(),
  name: z.string(),
  kind: z.enum(["domain", "dropped", "outside"]),
  training: Tally,
});

export const ClusterModel = z.strictObject({
  schemaVersion: z.literal(1),
  /** How documents become vectors; another identity means other vectors, so the centroids mean nothing to them. */
  embedder: z.strictObject({ identity: z.string(), dimension: z.int(), settings: EmbedConfig }),
  /** Rows of length 1; distances are Euclidean, from the row to the centroid as it is. */
  normalisation: z.literal("unit rows"),
  tokenizer: ClimbConfig.shape.tokenizer,
  /** How the run read its documents, corpus.sources apart. */
  reading: CorpusConfig.omit({ sources: true }),
  clusters: z.int(),
  domains: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      keywords: z.array(z.string()),
      clusters: z.array(z.int()),
    }),
  ),
  /** Whether the run parted these further, by quality or source: then its domains are not these. */
  crossed: z.boolean().default(false),
  /** Which clusters were dropped, and by which rule; the rules as they were applied. */
  quality: z.strictObject({
    rules: z.array(AppliedRule),
    dropped: z.array(z.strictObject({ cluster: z.int(), droppedBy: z.string() })),
  }),
  distance: z.strictObject({
    /** Distances to the centroid of the cluster's other documents: what a document that was not trained on has. */
    measure: z.literal("leave-one-out"),
    mean: z.number(),
    /** Documents farther from their centroid than this fit no cluster. */
    outsideQuantile: z.number(),
    outsideDistance: z.number(),
  }),
  /** Where the training documents lie: the domains in their order, then dropped, then outside. */
  parts: z.array(ModelPart),
});

export type Tally = z.infer<typeof Tally>;
export type ClusterModel = z.infer<typeof ClusterModel>;
