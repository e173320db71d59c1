/** scale.json: how the gap to the natural mixture moves with size, and how sure a gain at the target's size is. */
import { z } from "zod";

const Gap = z.strictObject({
  tokens: z.int(),
  proxy: z.string(),
  /** By seed: the mixture's objective minus natural's on confirm text. */
  bySeed: z.array(z.number()),
  meanGap: z.number(),
});

export const ScaleTrend = z.strictObject({
  mixture: z.enum(["found", "best-measured"]),
  gaps: z.array(Gap),
  /** Change of the gap with each doubling of the tokens. */
  perDoubling: z.number(),
  atTarget: z.strictObject({
    tokens: z.int(),
    gap: z.number(),
    deviation: z.number(),
    probabilityOfGain: z.number(),
  }),
  /** Most tokens at which a gain is as probable as asked; null if at none. */
  shownUpToTokens: z.int().nullable(),
});

export const ScaleResult = z.strictObject({
  confidence: z.number(),
  trends: z.array(ScaleTrend),
  /** One sentence for people, of the found mixture. */
  text: z.string(),
});

export type ScaleTrend = z.infer<typeof ScaleTrend>;
export type ScaleResult = z.infer<typeof ScaleResult>;
