import { hasColumns, type Layout } from "./layout.ts";

/** https://huggingface.co/datasets/HuggingFaceFW/fineweb */
export const fineweb: Layout = {
  name: "FineWeb",
  shownBy: (seen) => hasColumns(seen, "dump", "language_score"),
  label: [],
  scores: ["language_score"],
};

/** https://huggingface.co/datasets/HuggingFaceFW/fineweb-edu: its classifier's score from 0 to 5. */
export const finewebEdu: Layout = {
  ...fineweb,
  name: "FineWeb-Edu",
  shownBy: (seen) => hasColumns(seen, "int_score", "score"),
  scores: ["score", "language_score"],
};

/** https://huggingface.co/datasets/HuggingFaceFW/fineweb-2 */
export const fineweb2: Layout = {
  ...fineweb,
  name: "FineWeb-2",
  shownBy: (seen) => hasColumns(seen, "minhash_cluster_size"),
};

/** https://huggingface.co/datasets/airtrain-ai/fineweb-edu-fortified */
export const finewebEduFortified: Layout = {
  ...finewebEdu,
  name: "FineWeb-edu-fortified",
  shownBy: (seen) =>
    seen.columns.get("embedding") === "numbers" ? hasColumns(seen, "embedding", "dump", "count") : undefined,
};
