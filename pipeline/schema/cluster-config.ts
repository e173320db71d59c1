/** Config section cluster. */
import { z } from "zod";
import { positiveInteger } from "./numbers.ts";

export const ClusterConfig = z
  .strictObject({
    clusters: positiveInteger.default(1000).describe("K_init of the paper, section 3.1"),
    maxIterations: positiveInteger.default(25).describe("Lloyd iterations at most"),
    tolerance: z
      .number()
      .min(0)
      .default(1e-4)
      .describe("Stop when the inertia's relative decrease is below this"),
    initPointsPerCluster: positiveInteger
      .default(20)
      .describe("Greedy k-means++ looks at a sample of this many points per cluster"),
  })
  .prefault({});

export type ClusterConfig = z.output<typeof ClusterConfig>;
