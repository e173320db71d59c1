import { hasColumns, type Layout } from "./layout.ts";

/** https://data.commoncrawl.org/contrib/Nemotron/Nemotron-CC/: quality and kind are written on the folders. */
export const nemotronCc: Layout = {
  name: "Nemotron-CC",
  shownBy: (seen) => {
    const columns = hasColumns(seen, "warc_record_id", "url", "language");
    if (columns === undefined) return undefined;
    const folders = Object.keys(seen.folderKeys).map((key) => `${key}=`);
    return folders.length === 0 ? columns : `${columns}; folders ${folders.join(", ")}`;
  },
  id: ["warc_record_id"],
  label: [],
  scores: [],
};
