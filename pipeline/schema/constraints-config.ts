/** Config section search.constraints: where the search may go. */
import { z } from "zod";
import { share } from "./numbers.ts";
import { uniquelyNamed } from "./uniquely-named.ts";

const domain = z.string().min(1).describe("Id (domain_3) or name of a domain");
const range = {
  min: share.default(0).describe("Smallest weight"),
  max: share.default(1).describe("Largest weight"),
};

export const ConstraintsConfig = z
  .strictObject({
    bounds: z
      .record(domain, z.strictObject(range))
      .default({})
      .describe("By domain: smallest and largest weight; the repetition cap holds besides"),
    fixed: z.record(domain, share).default({}).describe("By domain: its weight, which is not searched"),
    groups: uniquelyNamed(
      z.array(z.strictObject({ name: z.string().min(1), domains: z.array(domain).min(1), ...range })),
    )
      .default([])
      .describe("Sets of domains, no domain in two, and the smallest and largest sum of their weights"),
    maxKl: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe("Largest KL divergence from the natural mixture, in nats; null is any"),
    maxTv: share
      .nullable()
      .default(null)
      .describe(
        "Largest total variation distance to the natural mixture: the share of tokens moved; null is any",
      ),
  })
  .prefault({});

export type ConstraintsConfig = z.output<typeof ConstraintsConfig>;
