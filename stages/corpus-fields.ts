/** The columns of a corpus that nobody described yet, and which of them is the text. */
import { openDuckdb, sqlText } from "../pipeline/core/duckdb.ts";
import type { InputFile } from "../pipeline/corpus/discover.ts";
import { splitLines } from "../pipeline/corpus/lines.ts";
import { readBytes } from "../pipeline/corpus/read-bytes.ts";

export interface Column {
  readonly name: string;
  /** DuckDB's for Parquet; JavaScript's for JSON. */
  readonly type: string;
  /** Mean length of its text in the lines looked at; null where it is no text, or they were not looked at. */
  readonly meanCharacters: number | null;
}

/** Lines of JSON that are looked at. */
const sampleLines = 100;

/** What text columns are called in published corpora, the likeliest first. */
const usualNames = ["text", "content", "raw_content", "document", "body", "markdown"];

/** Columns or keys of the first readable file of each format, each name once. */
export async function findColumns(files: readonly InputFile[]): Promise<Column[]> {
  const columns = new Map<string, Column>();
  for (const [format, read] of [
    ["jsonl", jsonKeys],
    ["parquet", parquetColumns],
  ] as const) {
    for (const file of files.filter((file) => file.format === format && file.bytes > 0)) {
      // A damaged file is the reader's to report.
      const found = await read(file).catch(() => []);
      for (const column of found) if (!columns.has(column.name)) columns.set(column.name, column);
      if (found.length > 0) break;
    }
  }
  return [...columns.values()];
}

/** By a usual name, else the longest text; null if no column holds text. */
export function textColumn(columns: readonly Column[]): string | null {
  const texts = columns.filter(({ type }) => /^(string|VARCHAR|BLOB)$/.test(type));
  const usual = usualNames.find((name) => texts.some((column) => column.name === name));
  if (usual !== undefined) return usual;
  const longest = texts.toSorted(
    (left, right) => (right.meanCharacters ?? 0) - (left.meanCharacters ?? 0),
  )[0];
  return longest?.name ?? null;
}

async function parquetColumns({ path }: InputFile): Promise<Column[]> {
  const { connection, close } = await openDuckdb();
  try {
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${sqlText(path)})`);
    return described
      .getRows()
      .map(([name, type]) => ({ name: name as string, type: type as string, meanCharacters: null }));
  } finally {
    close();
  }
}

async function jsonKeys(file: InputFile): Promise<Column[]> {
  const types = new Map<string, Set<string>>();
  const characters = new Map<string, { total: number; count: number }>();
  let looked = 0;
  for await (const { bytes } of splitLines(readBytes(file, () => {}))) {
    if (looked++ === sampleLines) break;
    for (const [key, value] of Object.entries(parseObject(bytes))) {
      const seen = types.get(key) ?? new Set<string>();
      types.set(key, seen.add(value === null ? "null" : Array.isArray(value) ? "array" : typeof value));
      if (typeof value !== "string") continue;
      const { total, count } = characters.get(key) ?? { total: 0, count: 0 };
      characters.set(key, { total: total + value.length, count: count + 1 });
    }
  }
  return Array.from(types, ([name, seen]) => {
    const known = [...seen].filter((type) => type !== "null" || seen.size === 1);
    const lengths = characters.get(name);
    return {
      name,
      type: known.sort().join(" or "),
      meanCharacters: lengths === undefined ? null : lengths.total / lengths.count,
    };
  });
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
