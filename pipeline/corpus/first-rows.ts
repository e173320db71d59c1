/** The columns of a file that nobody described yet. */
import { openDuckdb, sqlName, sqlText } from "../core/duckdb.ts";
import type { InputFile } from "./discover.ts";
import type { ColumnKind } from "./layouts/layout.ts";
import { splitLines } from "./lines.ts";
import { readBytes } from "./read-bytes.ts";

export interface Column {
  /** Dotted for a member of an object: metadata.url. */
  readonly name: string;
  /** DuckDB's for Parquet; JavaScript's for JSON. */
  readonly type: string;
  readonly kind: ColumnKind;
  /** Mean length of its text in the lines looked at; null where it is no text, or they were not looked at. */
  readonly meanCharacters: number | null;
}

/** What is looked at of a file of JSON lines: that many lines, or that many bytes if they are long. */
const sampleLines = 100;
const sampleBytes = 2 ** 24;

/** Columns or keys of a file's first rows; none for a format without, or where no row can be read. */
export async function firstColumns(
  file: Pick<InputFile, "path" | "compression" | "format">,
): Promise<Column[]> {
  // A damaged file is the reader's to report.
  if (file.format === "jsonl") return jsonColumns(file).catch(() => []);
  return file.format === "parquet" ? parquetColumns(file).catch(() => []) : [];
}

const numericType = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL(\(.*\))?)$/;

function parquetKind(type: string): ColumnKind {
  if (/^(VARCHAR|BLOB)$/.test(type)) return "text";
  if (numericType.test(type)) return "number";
  const list = /^(.*)\[\d*\]$/.exec(type)?.[1];
  return list !== undefined && numericType.test(list) ? "numbers" : "other";
}

const parquetColumn = (name: string, type: string): Column => ({
  name,
  type,
  kind: parquetKind(type),
  meanCharacters: null,
});

async function parquetColumns({ path }: Pick<InputFile, "path">): Promise<Column[]> {
  const { connection, close } = await openDuckdb();
  const describe = async (selection: string): Promise<[string, string][]> => {
    const query = `DESCRIBE SELECT ${selection} FROM read_parquet(${sqlText(path)})`;
    return (await connection.runAndReadAll(query))
      .getRows()
      .map(([name, type]) => [String(name), String(type)]);
  };
  try {
    const columns: Column[] = [];
    for (const [name, type] of await describe("*")) {
      const isStruct = type.startsWith("STRUCT(") && !type.endsWith("]");
      columns.push(parquetColumn(name, isStruct ? "STRUCT" : type));
      const members = isStruct ? await describe(`unnest(${sqlName(name)})`) : [];
      for (const [member, of] of members) columns.push(parquetColumn(`${name}.${member}`, of));
    }
    return columns;
  } finally {
    close();
  }
}

async function jsonColumns(file: Pick<InputFile, "path" | "compression">): Promise<Column[]> {
  const seen = new Map<string, { types: Set<string>; characters: number; texts: number }>();
  let lines = 0;
  let bytesRead = 0;
  for await (const { bytes } of splitLines(
    readBytes(file, () => {}),
    sampleBytes,
  )) {
    bytesRead += bytes?.length ?? sampleBytes;
    for (const [name, value] of members(parseObject(bytes))) {
      const of = seen.get(name) ?? { types: new Set(), characters: 0, texts: 0 };
      seen.set(name, of);
      of.types.add(typeName(value));
      if (typeof value !== "string") continue;
      of.characters += value.length;
      of.texts++;
    }
    if (++lines === sampleLines || bytesRead >= sampleBytes) break;
  }
  return Array.from(seen, ([name, { types, characters, texts }]) => {
    const known = [...types].filter((type) => type !== "null" || types.size === 1).sort();
    const meanCharacters = texts === 0 ? null : characters / texts;
    return { name, type: known.join(" or "), kind: jsonKind(known), meanCharacters };
  });
}

/** Keys and values, those of an object inside under dotted names as well. */
function* members(value: Readonly<Record<string, unknown>>): Generator<[string, unknown]> {
  for (const [key, member] of Object.entries(value)) {
    yield [key, member];
    // RedPajama's sample has the object as a string.
    const inner = typeof member === "string" && key === "meta" ? parseObject(Buffer.from(member)) : member;
    if (inner === null || typeof inner !== "object" || Array.isArray(inner)) continue;
    for (const [name, of] of Object.entries(inner)) yield [`${key}.${name}`, of];
  }
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (!Array.isArray(value)) return typeof value;
  return value.length > 0 && value.every((item) => typeof item === "number") ? "numbers" : "array";
}

function jsonKind(types: readonly string[]): ColumnKind {
  if (types.includes("string")) return "text";
  if (types.includes("number")) return "number";
  return types.includes("numbers") ? "numbers" : "other";
}

function parseObject(bytes: Uint8Array | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes ?? []).toString());
    return value !== null && typeof value === "object" && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
