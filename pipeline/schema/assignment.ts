/** What `climb assign` finds out about a corpus: assignment.json. */
import { z } from "zod";
import { Tally } from "./cluster-model.ts";

const Interval = z.strictObject({ low: z.number(), high: z.number() });

/** How far two sets of shares lie apart, both over the same parts. */
const ShareShift = z.strictObject({
  /** Half the sum of |difference|: the share that would have to move. */
  totalVariation: z.number(),
  totalVariationInterval: Interval,
  /** 95 % of the distances that chance alone makes between two samples of these sizes. */
  noise95: z.number(),
  /** Population stability index: sum of (new - old) ln(new / old). */
  stabilityIndex: z.number(),
  stabilityIndexInterval: Interval,
});

export const Drift = z.strictObject({
  verdict: z.enum(["within noise", "slight", "moderate", "large"]),
  /** One sentence for people. */
  text: z.string(),
  tokens: ShareShift,
  documents: ShareShift,
  distance: z.strictObject({
    trainingMean: z.number(),
    mean: z.number(),
    /** Largest difference of the two distribution functions (Kolmogorov-Smirnov). */
    ks: z.number(),
    /** Share of the documents farther away than that quantile of the training documents. */
    beyondMedian: z.number(),
    beyond90: z.number(),
    beyond99: z.number(),
  }),
});

export const Assignment = z.strictObject({
  schemaVersion: z.literal(1),
  /** The model's artifact. */
  model: z.string(),
  embedder: z.string(),
  documents: z.int(),
  tokens: z.int(),
  method: z.strictObject({
    /** Of all shards; a shard whose sample agrees too little takes exact. */
    name: z.enum(["exact", "hnsw"]),
    exactShards: z.int(),
    shards: z.int(),
    /** Sampled documents whose HNSW answer was compared with the exact one. */
    checkedDocuments: z.int(),
    agreeingDocuments: z.int(),
  }),
  parts: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      kind: z.enum(["domain", "dropped", "outside"]),
      ...Tally.omit({ squaredTokens: true }).shape,
      documentShare: z.number(),
      tokenShare: z.number(),
      trainingDocumentShare: z.number(),
      trainingTokenShare: z.number(),
    }),
  ),
  drift: Drift,
});

export type Drift = z.infer<typeof Drift>;
export type ShareShift = z.infer<typeof ShareShift>;
export type Assignment = z.infer<typeof Assignment>;
