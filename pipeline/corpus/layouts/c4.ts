import type { Layout } from "./layout.ts";

/** https://huggingface.co/datasets/allenai/c4: JSON lines, whatever the ending .json.gz says. */
export const c4: Layout = {
  name: "C4",
  shownBy: ({ columns }) =>
    [...columns.keys()].sort().join() === "text,timestamp,url"
      ? "columns text, timestamp, url and no other"
      : undefined,
  label: [],
  scores: [],
};
