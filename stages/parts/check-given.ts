import { ConfigError } from "../../pipeline/core/errors.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";

/** @throws ConfigError if clusters are given and what they were made from is not used, or is not all there is */
export function checkGiven({ cluster, embed, recluster }: ClimbConfig): void {
  if (cluster.given === null) return;
  if (!embed.readyMade)
    throw new ConfigError(
      "cluster.given needs the embeddings that its centroids were made from",
      "set embed.readyMade to true",
    );
  if (recluster !== null)
    throw new ConfigError("cluster.given and recluster both say where clusters come from", "leave one out");
}
