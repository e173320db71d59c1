/**
 * Vectors that an earlier run has made with the same embedder. A text's vector depends on that text alone and a
 * document's id is its text's hash, so that a corpus that has changed is embedded only where it has.
 */
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Artifact, openArtifact } from "../../pipeline/core/artifact.ts";
import { openDuckdb, sqlText } from "../../pipeline/core/duckdb.ts";
import { readNpyHeader } from "../../pipeline/core/npy.ts";
import type { EmbedResult } from "../embed.ts";

export const EarlierVectors = z.array(
  z.strictObject({
    dimension: z.int(),
    /** In row order: the documents, and the vectors of all of them. */
    documents: z.array(z.strictObject({ path: z.string(), rows: z.int() })),
    vectors: z.array(z.strictObject({ path: z.string(), rows: z.int() })),
  }),
);
export type EarlierVectors = z.infer<typeof EarlierVectors>;

/** The artifacts of this embedder, results of the schema's kind, whose documents are still there. */
export async function findEarlierVectors(
  artifactsDir: string,
  identity: string,
  schema: z.ZodType<EmbedResult>,
): Promise<EarlierVectors> {
  // Shards come by here for the types alone, and start often.
  const { IngestResult } = await import("../ingest.ts");
  const names = (await readdir(artifactsDir).catch(() => [])).filter((name) => name.startsWith("embed-"));
  const earlier: EarlierVectors = [];
  for (const name of names.sort()) {
    const embedded = await openIfWhole(join(artifactsDir, name), schema);
    if (embedded?.result.identity !== identity) continue;
    const corpus = await openIfWhole(join(artifactsDir, embedded.inputs["corpus"] ?? ""), IngestResult);
    if (corpus === undefined) continue;
    const { dimension, files } = embedded.result;
    earlier.push({
      dimension,
      documents: corpus.result.shards.map(({ documents, rows }) => ({ path: corpus.path(documents), rows })),
      vectors: files.map(({ path, rows }) => ({ path: embedded.path(path), rows })),
    });
  }
  return earlier;
}

export interface FoundVectors {
  readonly dimension: number;
  /** Row-major; 0 in the rows that have none. */
  readonly rows: Float32Array;
  /** 1 for a row that has a vector. */
  readonly has: Uint8Array;
}

/** The vectors of rows [from, to) of a documents file that earlier runs have made; undefined if there are none. */
export async function readEarlierVectors(
  earlier: EarlierVectors,
  { documents, from, to }: { documents: string; from: number; to: number },
): Promise<FoundVectors | undefined> {
  const [first] = earlier;
  if (first === undefined) return undefined;
  const { dimension } = first;
  const places = new Map<string, { of: EarlierVectors[number]; offset: number }>();
  for (const of of earlier) {
    let offset = 0;
    for (const { path, rows } of of.documents) {
      places.set(path, { of, offset });
      offset += rows;
    }
  }
  const rows = new Float32Array((to - from) * dimension);
  const has = new Uint8Array(to - from);
  const reader = new RowReader(dimension);
  try {
    for (const { row, file, place } of await sameDocuments(documents, from, to, [...places.keys()])) {
      if (has[row] === 1) continue;
      const { of, offset } = places.get(file)!;
      const vector = await reader.read(of.vectors, offset + place);
      if (!isUnit(vector)) continue;
      rows.set(vector, row * dimension);
      has[row] = 1;
    }
  } finally {
    await reader.close();
  }
  return has.includes(1) ? { rows, has, dimension } : undefined;
}

/** Which rows of `documents`, counted from `from`, are in which of the files, and where. */
async function sameDocuments(
  documents: string,
  from: number,
  to: number,
  files: readonly string[],
): Promise<{ row: number; file: string; place: number }[]> {
  const { connection, close } = await openDuckdb();
  try {
    const list = files.map(sqlText).join(", ");
    const found = await connection.runAndReadAll(
      `SELECT now.file_row_number - ${from}, earlier.filename, earlier.file_row_number
       FROM read_parquet(${sqlText(documents)}, file_row_number = true) AS now
       JOIN read_parquet([${list}], file_row_number = true, filename = true) AS earlier ON now.id = earlier.id
       WHERE now.file_row_number >= ${from} AND now.file_row_number < ${to}
       ORDER BY 2, 3`,
    );
    return found.getRows().map(([row, file, place]) => ({
      row: Number(row),
      file: file as string,
      place: Number(place),
    }));
  } finally {
    close();
  }
}

/** Reads single rows of arrays that follow each other, keeping the last file open. */
class RowReader {
  readonly #dimension: number;
  #open: { path: string; file: FileHandle; start: number } | undefined;

  constructor(dimension: number) {
    this.#dimension = dimension;
  }

  async read(files: EarlierVectors[number]["vectors"], row: number): Promise<Float32Array> {
    let rest = row;
    const { path } = files.find(({ rows }) => rest < rows || ((rest -= rows), false))!;
    if (this.#open?.path !== path) {
      await this.close();
      this.#open = { path, file: await open(path), start: (await readNpyHeader(path)).start };
    }
    const vector = new Float32Array(this.#dimension);
    const { file, start } = this.#open;
    await file.read(new Uint8Array(vector.buffer), 0, vector.byteLength, start + rest * vector.byteLength);
    return vector;
  }

  async close(): Promise<void> {
    await this.#open?.file.close();
    this.#open = undefined;
  }
}

/** What a stage's vectors are. Something else has happened to the file: the text is embedded again. */
function isUnit(vector: Float32Array): boolean {
  let squares = 0;
  for (const value of vector) squares += value * value;
  return Math.abs(squares - 1) < 1e-4;
}

/** Undefined for a folder that is none, or one of another version's; runs do not depend on it. */
async function openIfWhole<Result>(
  dir: string,
  schema: z.ZodType<Result>,
): Promise<Artifact<Result> | undefined> {
  return openArtifact(dir, schema).catch(() => undefined);
}
