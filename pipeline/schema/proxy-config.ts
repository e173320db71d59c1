/** Config section search.proxy. */
import { z } from "zod";

export const NgramProxyConfig = z.strictObject({
  kind: z.literal("ngram").default("ngram").describe("Exact interpolated n-gram model of the mixture"),
  order: z.int().min(1).max(3).default(3).describe("Length of the longest n-gram"),
  discount: z.number().gt(0).lt(1).default(0.75).describe("Absolute discount of each count"),
  repetition: z
    .enum(["once", "saturating", "full"])
    .default("saturating")
    .describe("What a repeated token counts for: nothing more, less and less, or as much as a new one"),
  saturationEpochs: z
    .number()
    .positive()
    .default(15)
    .describe("R of 1 + R (1 - exp(-(epochs - 1) / R)), data-constrained scaling laws"),
});

export type NgramProxyConfig = z.output<typeof NgramProxyConfig>;
