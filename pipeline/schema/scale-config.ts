/** Config section scale: whether the gain lasts in larger training runs. */
import { z } from "zod";
import { positiveInteger } from "./numbers.ts";
import { ProxyConfig } from "./proxy-config.ts";

export const ScaleConfig = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        "Measure found and best measured against natural at growing sizes; climb confirm RUN sets it",
      ),
    rungs: z
      .array(
        z.strictObject({
          tokens: positiveInteger.describe("Tokens the proxies of this rung train on, pools scaled alike"),
          proxy: ProxyConfig.nullable().default(null).describe("Their model; null is the final table's"),
        }),
      )
      .min(3)
      .nullable()
      .default(null)
      .describe(
        "Growing sizes and budgets; null is a quarter of, as many as, and four times the final table's tokens, within the " +
          "target's, a transformer's width growing along",
      ),
    seeds: z.int().min(3).default(3).describe("Seeds of each rung"),
    confidence: z.number().gt(0.5).lt(1).default(0.95).describe("What counts as shown"),
  })
  .prefault({});

export type ScaleConfig = z.output<typeof ScaleConfig>;
