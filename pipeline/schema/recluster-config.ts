/** Config section recluster: which earlier run this one goes on from. */
import { z } from "zod";
import { share } from "./numbers.ts";

export const ReclusterConfig = z
  .strictObject({
    from: z
      .string()
      .min(1)
      .describe(
        "Folder of the earlier run: k-means starts at its centroids, and domains are compared with its own",
      ),
    carryShare: share
      .default(0.95)
      .describe(
        "An earlier trial informs the predictor if every domain it drew from is a union of new ones up to this share of tokens",
      ),
  })
  .nullable()
  .default(null);

export type ReclusterConfig = NonNullable<z.output<typeof ReclusterConfig>>;
