import { TextDecoder } from "node:util";
import type { DuckDBValue } from "@duckdb/node-api";
import { InputError, isDiskFull } from "../core/errors.ts";
import type { InputFile } from "./discover.ts";
import { openDuckdb, sqlName, sqlText } from "../core/duckdb.ts";
import { BadFileError, type RawRecord, type ReadOptions, type Records, type Skip } from "./record.ts";

const numericType = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/;

/**
 * One record a row, a few thousand rows in memory at a time.
 *
 * @throws InputError if there is no text column
 * @throws BadFileError
 */
export async function* readParquet(file: InputFile, options: ReadOptions): Records {
  const attempt = async <T>(step: Promise<T>): Promise<T> => {
    try {
      return await step;
    } catch (error) {
      if (isDiskFull(error) || /out of memory/i.test((error as Error).message)) throw error;
      const detail = (error as Error).message.replaceAll(file.path, file.name);
      throw new BadFileError(`damaged or truncated Parquet data (${detail})`, { cause: error });
    }
  };

  const { connection, close } = await openDuckdb();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    const from = `FROM read_parquet(${sqlText(file.path)})`;
    const described = await attempt(connection.runAndReadAll(`DESCRIBE SELECT * ${from}`));
    const types = new Map(described.getRows().map(([name, type]) => [name as string, type as string]));
    const result = await attempt(connection.stream(`SELECT ${selectList(file, options, types)} ${from}`));
    let line = 0;
    for (;;) {
      const chunk = await attempt(result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) break;
      for (const row of chunk.getRows()) yield toRecord(row, file.name, ++line, decoder);
    }
    options.onBytes(file.bytes);
  } finally {
    close();
  }
}

/** text, id, url, then the scores; NULL for a column the file does not have. */
function selectList(
  file: InputFile,
  { fields, scores }: ReadOptions,
  types: ReadonlyMap<string, string>,
): string {
  const type = types.get(fields.text);
  if (type === undefined || !/^(VARCHAR|BLOB)$/.test(type)) {
    throw new InputError(
      `${file.path}: ${type === undefined ? `no column '${fields.text}'` : `column '${fields.text}' is ${type}, not text`}`,
      `set sources[].fields.text to one of its columns: ${[...types.keys()].join(", ")}`,
    );
  }
  const cast = (column: string | null, to: string, known = /./) =>
    column !== null && known.test(types.get(column) ?? "") ? `CAST(${sqlName(column)} AS ${to})` : "NULL";
  return [
    sqlName(fields.text),
    cast(fields.id, "VARCHAR"),
    cast(fields.url, "VARCHAR"),
    ...scores.map((column) => cast(column, "DOUBLE", numericType)),
  ].join(", ");
}

function toRecord(row: DuckDBValue[], file: string, line: number, decoder: TextDecoder): RawRecord | Skip {
  const [text, sourceId, url, ...scores] = row;
  if (text === null) return { file, line, reason: "missing-text", detail: "the text is NULL" };
  try {
    return {
      // Bytes without the UTF-8 annotation, as older writers left them.
      text: typeof text === "string" ? text : decoder.decode((text as { bytes: Uint8Array }).bytes),
      sourceId: sourceId as string | null,
      url: url as string | null,
      scores: scores as (number | null)[],
      file,
      line,
    };
  } catch {
    return { file, line, reason: "invalid-utf8", detail: "the text is not valid UTF-8" };
  }
}
