import { openDuckdb, sqlName, sqlText } from "../core/duckdb.ts";

/**
 * How many documents of each source have a value in each score column.
 *
 * @param paths documents tables; none gives no sources
 */
export async function scoreCoverage(
  paths: readonly string[],
  scores: readonly string[],
): Promise<Map<string, Map<string, number>>> {
  const coverage = new Map<string, Map<string, number>>();
  if (paths.length === 0 || scores.length === 0) return coverage;
  const { connection, close } = await openDuckdb();
  try {
    const counts = scores.map((name) => `count(${sqlName(name)})::INTEGER`).join(", ");
    const files = paths.map(sqlText).join(", ");
    const reader = await connection.runAndReadAll(
      `SELECT source, ${counts} FROM read_parquet([${files}]) GROUP BY source`,
    );
    for (const [source, ...values] of reader.getRows()) {
      coverage.set(String(source), new Map(scores.map((name, index) => [name, Number(values[index])])));
    }
  } finally {
    close();
  }
  return coverage;
}
