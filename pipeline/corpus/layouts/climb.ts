import { hasColumns, type Layout } from "./layout.ts";

/** https://huggingface.co/datasets/nvidia/Nemotron-ClimbMix: token ids and the cluster each document was drawn from. */
export const climbMix: Layout = {
  name: "ClimbMix",
  shownBy: (seen) => hasColumns(seen, "tokens", "cluster_id"),
  text: [],
  tokens: ["tokens"],
  label: ["cluster_id"],
  scores: [],
};

/** https://huggingface.co/datasets/nvidia/Nemotron-ClimbLab: token ids in a folder for each of twenty clusters. */
export const climbLab: Layout = {
  ...climbMix,
  name: "ClimbLab",
  shownBy: ({ columns, folderKeys }) =>
    columns.get("tokens") === "numbers" && folderKeys["cluster"] !== undefined
      ? "column tokens in folders cluster_N"
      : undefined,
  label: ["cluster"],
};

/**
 * The stages of NeMo Curator's CLIMB recipe: computed_embeddings/, clusters/centroid=N/ and
 * pruned_clusters/centroid=N/, which adds the scores.
 */
export const curatorClimb: Layout = {
  name: "NeMo Curator CLIMB",
  shownBy: (seen) =>
    hasColumns(seen, "_curator_climb_id") ??
    (seen.folderKeys["centroid"] === undefined ? undefined : "folders centroid=N"),
  id: ["_curator_climb_id", "id"],
  label: ["centroid"],
  embedding: ["embeddings", "embedding"],
  scores: [/_score$/],
};
