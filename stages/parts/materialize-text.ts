/**
 * Whole documents as JSON lines or Parquet: DuckDB reads them from the corpus, shuffles them and writes them. One DuckDB serves
 * all shards of a process: opening it, and reading the corpus's footers, costs as much as writing some ten megabytes.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { InputError, InterruptedError } from "../../pipeline/core/errors.ts";
import { openDuckdb, sqlText } from "../../pipeline/core/duckdb.ts";
import type { TextFormat } from "../../pipeline/materialize/formats.ts";
import type { CorpusFile } from "../../pipeline/materialize/gather.ts";
import type { Items } from "../../pipeline/materialize/items.ts";

/** Wanted rows that lie nearer to each other than this are read with what is between them. */
const rowGroupRows = 2048;

const output: Readonly<Record<TextFormat, { columns: string; options: string }>> = {
  jsonl: { columns: "id, text, domain, source", options: "FORMAT json" },
  // 2048 is DuckDB's smallest row group. nanochat reads the first column called text, and gives row groups to its ranks.
  parquet: {
    columns: "text, id, domain, source",
    options: `FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE ${rowGroupRows}`,
  },
};

export interface TextWriter {
  /**
   * Writes the items, in their order, to one file. Memory: up to five times the items' text.
   *
   * @throws InputError if the corpus cannot be read, or lacks some of the rows
   */
  readonly write: (path: string, items: Items) => Promise<void>;
  readonly close: () => void;
}

/** @param corpus `domainIds` of a row's domain index */
export async function openTextWriter(
  format: TextFormat,
  corpus: {
    readonly files: readonly CorpusFile[];
    readonly rowDomain: Int32Array;
    readonly domainIds: readonly string[];
  },
  signal: AbortSignal,
): Promise<TextWriter> {
  const { connection, close } = await openDuckdb();
  await connection.run("SET parquet_metadata_cache = true");
  const stop = () => connection.interrupt();
  signal.addEventListener("abort", stop, { once: true });
  const { columns, options } = output[format];
  const ids = corpus.domainIds.map(sqlText).join(", ");
  return {
    write: async (path, items) => {
      try {
        await fillWanted(connection, items, corpus.rowDomain);
        const written = await connection.run(
          `COPY (
             SELECT ${columns.replace("domain", `[${ids}][domain + 1] AS domain`)}
             FROM wanted JOIN (${readRows(items.rows, corpus.files)}) AS documents USING (row)
             ORDER BY place
           ) TO ${sqlText(path)} (${options})`,
        );
        if (written.rowsChanged !== items.rows.length) {
          throw new InputError(
            `the corpus holds ${written.rowsChanged} of the ${items.rows.length} documents of ${path}`,
            "if something changed the artifact, delete its folder and run again",
          );
        }
      } catch (error) {
        if (signal.aborted) throw new InterruptedError();
        throw error;
      }
    },
    close: () => {
      signal.removeEventListener("abort", stop);
      close();
    },
  };
}

/** A table of the items: their row, domain and place. */
async function fillWanted(
  connection: DuckDBConnection,
  { rows }: Items,
  rowDomain: Int32Array,
): Promise<void> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE wanted (row UINTEGER, domain INTEGER, place UINTEGER)`);
  const appender = await connection.createAppender("wanted");
  for (const [place, row] of rows.entries()) {
    appender.appendUInteger(row);
    appender.appendInteger(rowDomain[row]!);
    appender.appendUInteger(place);
    appender.endRow();
  }
  appender.closeSync();
}

/** SQL for id, text and source of the rows, and some between them. */
function readRows(rows: Uint32Array, files: readonly CorpusFile[]): string {
  const wanted = rows.toSorted();
  const selects: string[] = [];
  let next = 0;
  for (const { documents, firstRow, rows: count } of files) {
    while (next < wanted.length && wanted[next]! < firstRow + count) {
      const from = wanted[next]!;
      let to = from;
      while (next < wanted.length && wanted[next]! < Math.min(firstRow + count, to + rowGroupRows))
        to = wanted[next++]!;
      selects.push(
        `SELECT (file_row_number + ${firstRow})::UINTEGER AS row, id, text, source
         FROM read_parquet(${sqlText(documents)}, file_row_number = true)
         WHERE file_row_number BETWEEN ${from - firstRow} AND ${to - firstRow}`,
      );
    }
  }
  return selects.join(" UNION ALL ");
}
