import { TextDecoder } from "node:util";
import type { DuckDBListValue, DuckDBValue } from "@duckdb/node-api";
import { InputError, isDiskFull } from "../core/errors.ts";
import type { InputFile } from "./discover.ts";
import { openDuckdb, sqlName, sqlText } from "../core/duckdb.ts";
import { BadFileError, type RawRecord, type ReadOptions, type Records, type Skip } from "./record.ts";
import { loadTokenDecoder } from "./token-text.ts";

const numericType = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL[^[]*)$/;
const listType = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL[^[]*)\[\d*\]$/;

type ToText = (text: DuckDBValue, tokens: DuckDBValue) => string | Pick<Skip, "reason" | "detail">;

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
  const toText = await textOfRow(options.fields.tokens);
  try {
    const { part } = file;
    const from =
      part === undefined
        ? `FROM read_parquet(${sqlText(file.path)})`
        : `FROM read_parquet(${sqlText(file.path)}, file_row_number = true)
           WHERE file_row_number >= ${part.from} AND file_row_number < ${part.to}`;
    const described = await attempt(connection.runAndReadAll(`DESCRIBE SELECT * ${from}`));
    const types = new Map(described.getRows().map(([name, type]) => [name as string, type as string]));
    const result = await attempt(connection.stream(`SELECT ${selectList(file, options, types)} ${from}`));
    let line = part?.from ?? 0;
    for (;;) {
      const chunk = await attempt(result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) break;
      for (const row of chunk.getRows()) yield toRecord(row, file.name, ++line, toText);
    }
    options.onBytes(file.bytes);
  } finally {
    close();
  }
}

/** text, tokens, id, url, language, label, embedding, then the scores; NULL for a column the file does not have. */
function selectList(
  file: InputFile,
  { fields, scores }: ReadOptions,
  types: ReadonlyMap<string, string>,
): string {
  const textType = fields.text === null ? undefined : types.get(fields.text);
  const hasText = textType !== undefined && /^(VARCHAR|BLOB)$/.test(textType);
  const hasTokens = fields.tokens !== null && listType.test(types.get(fields.tokens) ?? "");
  if (!hasText && !hasTokens) {
    const wanted = fields.text ?? fields.tokens;
    const problem =
      wanted === null
        ? "no column holds text"
        : textType === undefined
          ? `no column '${wanted}'`
          : `column '${wanted}' is ${textType}, not text`;
    throw new InputError(
      `${file.path}: ${problem}`,
      `set sources[].fields.text to one of its columns: ${[...types.keys()].join(", ")}`,
    );
  }
  const cast = (column: string | null, to: string, known = /./) => {
    if (column === null) return "NULL";
    const type = types.get(column);
    if (type !== undefined) return known.test(type) ? `CAST(${sqlName(column)} AS ${to})` : "NULL";
    // A member of a struct; whether it has the type to be cast from is DuckDB's to find out.
    const dot = column.indexOf(".");
    const [outer, inner] = [column.slice(0, dot), column.slice(dot + 1)];
    if (dot === -1 || !hasMember(types.get(outer), inner)) return "NULL";
    return `TRY_CAST(struct_extract(${sqlName(outer)}, ${sqlText(inner)}) AS ${to})`;
  };
  return [
    hasText ? sqlName(fields.text!) : "NULL",
    hasTokens ? cast(fields.tokens, "INTEGER[]") : "NULL",
    cast(fields.id, "VARCHAR"),
    cast(fields.url, "VARCHAR"),
    cast(fields.language, "VARCHAR"),
    cast(fields.label, "VARCHAR"),
    cast(fields.embedding, "FLOAT[]", listType),
    ...scores.map((column) => cast(column, "DOUBLE", numericType)),
  ].join(", ");
}

/** DuckDB writes STRUCT(a INTEGER, "b c" VARCHAR). */
function hasMember(type: string | undefined, name: string): boolean {
  return (
    type !== undefined &&
    type.startsWith("STRUCT(") &&
    !type.endsWith("]") &&
    [`(${name} `, `, ${name} `, `(${sqlName(name)} `, `, ${sqlName(name)} `].some((start) =>
      type.includes(start),
    )
  );
}

async function textOfRow(tokensColumn: string | null): Promise<ToText> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const tokenText = tokensColumn === null ? undefined : await loadTokenDecoder();
  return (text, tokens) => {
    if (typeof text === "string") return text;
    if (text !== null) {
      try {
        // Bytes without the UTF-8 annotation, as older writers left them.
        return decoder.decode((text as { bytes: Uint8Array }).bytes);
      } catch {
        return { reason: "invalid-utf8", detail: "the text is not valid UTF-8" };
      }
    }
    if (tokens === null || tokenText === undefined)
      return { reason: "missing-text", detail: "the text is NULL" };
    return (
      tokenText((tokens as DuckDBListValue).items) ?? {
        reason: "invalid-tokens",
        detail: `'${tokensColumn}' holds numbers that are no GPT-2 token ids`,
      }
    );
  };
}

function toRecord(row: DuckDBValue[], file: string, line: number, toText: ToText): RawRecord | Skip {
  const [textValue, tokens, sourceId, url, language, label, embedding, ...scores] = row;
  const text = toText(textValue!, tokens!);
  if (typeof text !== "string") return { file, line, ...text };
  return {
    text,
    sourceId: sourceId as string | null,
    url: url as string | null,
    ...(language === null ? {} : { language: language as string }),
    ...(label === null ? {} : { label: label as string }),
    ...(embedding === null
      ? {}
      : {
          vector: Float32Array.from(
            (embedding as DuckDBListValue).items,
            (value) => (value ?? Number.NaN) as number,
          ),
        }),
    scores: scores as (number | null)[],
    file,
    line,
  };
}
