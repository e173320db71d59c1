import { readFile } from "node:fs/promises";
import { openDuckdb, sqlText } from "../core/duckdb.ts";
import { InputError } from "../core/errors.ts";

export interface CsvTable {
  /** For messages. */
  readonly path: string;
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

export interface CsvRow {
  /** In the file, from 1. */
  readonly line: number;
  /** One a column, as text. */
  readonly cells: readonly string[];
}

/**
 * A CSV file with a header line (RFC 4180, parsed by DuckDB); every cell stays text.
 *
 * @throws InputError if the file is not there, a line has another number of cells than the header, a column's name comes
 *   twice, or a quoted cell spans lines
 */
export async function readCsv(path: string): Promise<CsvTable> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`cannot read ${path} (${error.code})`, "give a folder that holds it", {
      cause: error,
    });
  });
  // DuckDB leaves blank lines out, so the numbers of the others are counted here.
  const lines = text.split("\n").flatMap((line, index) => (line.trim() === "" ? [] : [index + 1]));
  if (lines.length < 2) {
    throw new InputError(`${path}: ${lines.length} lines, where a header and at least one row are needed`);
  }
  const records = await parse(path);
  if (records.length !== lines.length) {
    throw new InputError(
      `${path}: ${lines.length} lines hold ${records.length} records`,
      "no cell may span lines",
    );
  }
  const [columns = [], ...rows] = records;
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw new InputError(`${path}:${lines[0]}: two columns are called '${twice}'`);
  return { path, columns, rows: rows.map((cells, index) => ({ line: lines[index + 1]!, cells })) };
}

async function parse(path: string): Promise<string[][]> {
  const { connection, close } = await openDuckdb();
  try {
    // The header is read as a row: DuckDB would rename the nameless first column that pandas writes.
    const result = await connection.runAndReadAll(
      `SELECT * FROM read_csv(${sqlText(path)}, header = false, all_varchar = true, store_rejects = true,
         delim = ',', quote = '"', escape = '"', comment = '', sample_size = -1)`,
    );
    const rejected = await connection.runAndReadAll("SELECT line, error_message FROM reject_errors LIMIT 1");
    const [first] = rejected.getRows();
    if (first !== undefined) {
      throw new InputError(`${path}:${Number(first[0])}: ${String(first[1])}`, "mend or remove that line");
    }
    return result.getRows().map((row) => row.map((cell) => ((cell as string | null) ?? "").trim()));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${path}: not a CSV file (${(error as Error).message.split("\n")[0]})`,
      'cells are separated by commas and quoted with "; lines end alike',
      { cause: error },
    );
  } finally {
    close();
  }
}
