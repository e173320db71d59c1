import { openDuckdb, sqlText } from "../core/duckdb.ts";

/** Small groups let a reader of some rows leave the others alone; DuckDB takes no fewer than 2048. */
const rowGroupSize = 8192;

/**
 * Turn JSON lines into a Parquet file (zstd) with the same rows in the same order.
 *
 * @param columns name to DuckDB type, in the order they are written; an absent member is NULL
 * @param longestLineBytes no line is longer than this
 */
export async function ndjsonToParquet(
  ndjsonPath: string,
  parquetPath: string,
  columns: Readonly<Record<string, string>>,
  longestLineBytes = 2 ** 24,
): Promise<void> {
  const types = Object.entries(columns).map(([name, type]) => `${sqlText(name)}: ${sqlText(type)}`);
  const { connection, close } = await openDuckdb();
  try {
    await connection.run(
      `COPY (SELECT * FROM read_json(${sqlText(ndjsonPath)}, format = 'newline_delimited',
         compression = 'uncompressed', maximum_object_size = ${longestLineBytes}, columns = {${types.join(", ")}}))
       TO ${sqlText(parquetPath)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupSize})`,
    );
  } finally {
    close();
  }
}
