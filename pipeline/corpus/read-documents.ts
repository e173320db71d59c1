import { InputError } from "../core/errors.ts";
import { openDuckdb, sqlName, sqlText } from "../core/duckdb.ts";

export type DocumentRow = Readonly<Record<string, unknown>>;

interface Rows {
  /** First row, 0 by default. */
  readonly from?: number;
  /** Row after the last; the end of the file by default. */
  readonly to?: number;
  readonly batchRows: number;
}

/**
 * Columns of a Parquet file in row order, `batchRows` rows at a time (the last batch may be smaller).
 *
 * @throws InputError if the file or one of the columns cannot be read
 */
export async function* readDocuments(
  path: string,
  columns: readonly string[],
  { from = 0, to, batchRows }: Rows,
): AsyncGenerator<DocumentRow[]> {
  const { connection, close } = await openDuckdb();
  try {
    const range = `file_row_number >= ${from}${to === undefined ? "" : ` AND file_row_number < ${to}`}`;
    const result = await connection.stream(
      `SELECT ${columns.map(sqlName).join(", ")}
       FROM read_parquet(${sqlText(path)}, file_row_number = true) WHERE ${range}`,
    );
    let batch: DocumentRow[] = [];
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      for (const row of chunk.getRows()) {
        batch.push(Object.fromEntries(columns.map((name, index) => [name, row[index]])));
        if (batch.length === batchRows) {
          yield batch;
          batch = [];
        }
      }
    }
    if (batch.length > 0) yield batch;
  } catch (error) {
    throw new InputError(
      `${path}: ${(error as Error).message}`,
      "if something changed the artifact, delete its folder and run again",
      { cause: error },
    );
  } finally {
    close();
  }
}
