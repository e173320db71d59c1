import type { Artifact } from "../pipeline/core/artifact.ts";
import { InputError } from "../pipeline/core/errors.ts";
import { readNpy } from "../pipeline/core/npy.ts";
import type { EmbedResult } from "./embed.ts";

export interface Embeddings {
  /** Row-major, rows * dimension. */
  readonly vectors: Float32Array;
  readonly rows: number;
  readonly dimension: number;
}

/**
 * All vectors of an embed artifact, or those of the rows that `keep` marks, in row order, over a shared buffer
 * so that worker threads see them without a copy.
 */
export async function readEmbeddings(
  artifact: Artifact<EmbedResult>,
  keep?: Uint8Array,
): Promise<Embeddings> {
  const { dimension, files, rows: allRows } = artifact.result;
  const rows = keep === undefined ? allRows : keep.reduce((count, kept) => count + kept, 0);
  const shared = new SharedArrayBuffer(rows * dimension * Float32Array.BYTES_PER_ELEMENT);
  const vectors = new Float32Array(shared);
  let from = 0;
  let to = 0;
  for (const file of files) {
    const { data, shape } = await readNpy(artifact.path(file.path));
    if (!(data instanceof Float32Array) || shape[0] !== file.rows || shape[1] !== dimension) {
      throw new InputError(`${artifact.path(file.path)} is not float32 ${file.rows} x ${dimension}`);
    }
    for (let row = 0; row < file.rows; row++, from++) {
      if (keep !== undefined && keep[from] === 0) continue;
      vectors.set(data.subarray(row * dimension, (row + 1) * dimension), to++ * dimension);
    }
  }
  return { vectors, rows, dimension };
}
