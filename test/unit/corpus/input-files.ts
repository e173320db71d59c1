/** Input files for the tests of pipeline/corpus. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { discoverFiles, type InputFile } from "../../../pipeline/corpus/discover.ts";
import { openDuckdb, sqlText } from "../../../pipeline/core/duckdb.ts";
import { readRecords } from "../../../pipeline/corpus/read-records.ts";
import type { DocumentFields, RawRecord, ReadOptions, Skip } from "../../../pipeline/corpus/record.ts";

export const fields: DocumentFields = {
  text: "text",
  tokens: null,
  id: "id",
  url: "url",
  language: null,
  label: null,
  embedding: null,
};

/** Write a file below a folder and describe it as an input of source `web`. */
export async function putFile(
  folder: string,
  name: string,
  content: string | Uint8Array,
): Promise<InputFile> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return inputFile(path);
}

/** Write the rows of a query with DuckDB, in the format and compression the options say. */
export async function putQuery(path: string, query: string, options: string): Promise<InputFile> {
  const { connection, close } = await openDuckdb();
  try {
    await connection.run(`COPY (${query}) TO ${sqlText(path)} (${options})`);
  } finally {
    close();
  }
  return inputFile(path);
}

export async function inputFile(path: string): Promise<InputFile> {
  const { files } = await discoverFiles([{ name: "web", files: [path], format: "auto" }], "/");
  return files[0]!;
}

/** All records and skips of a file. */
export async function readAll(
  file: InputFile,
  options: Partial<ReadOptions> & { onBadFile?: "error" | "skip" } = {},
): Promise<(RawRecord | Skip)[]> {
  const records: (RawRecord | Skip)[] = [];
  const all = { fields, scores: [], onBytes: () => {}, onBadFile: "error" as const, ...options };
  for await (const record of readRecords(file, all)) records.push(record);
  return records;
}

/** The texts of records, and the reasons of skips. */
export function textsOf(records: readonly (RawRecord | Skip)[]): string[] {
  return records.map((record) => ("reason" in record ? `(${record.reason})` : record.text));
}
