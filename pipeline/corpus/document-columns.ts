import { ConfigError } from "../core/errors.ts";

const fixedColumns: Readonly<Record<string, string>> = {
  id: "VARCHAR",
  text: "VARCHAR",
  source: "VARCHAR",
  sourceId: "VARCHAR",
  url: "VARCHAR",
  language: "VARCHAR",
  label: "VARCHAR",
  metadata: "VARCHAR",
  question: "VARCHAR",
  tokens: "INTEGER",
  bytes: "INTEGER",
};

/** Columns that the domains stage adds to its own table of the documents. */
const laterColumns = ["cluster", "domain", "droppedBy", "distance"];

/**
 * Columns of a documents table and their DuckDB types: the fixed ones, then the scores.
 *
 * @throws ConfigError if two columns have one name; DuckDB ignores case in names
 */
export function documentColumns(scores: readonly string[]): Record<string, string> {
  const taken = new Set([...Object.keys(fixedColumns), ...laterColumns].map((name) => name.toLowerCase()));
  for (const name of scores) {
    if (taken.has(name.toLowerCase())) {
      throw new ConfigError(
        `score column '${name}' has the name of another column of the documents table`,
        "rename the column in the source's files and in sources[].scores",
      );
    }
    taken.add(name.toLowerCase());
  }
  return { ...fixedColumns, ...Object.fromEntries(scores.map((name) => [name, "DOUBLE"])) };
}
