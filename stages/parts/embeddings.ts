import { openPointFiles } from "../../pipeline/cluster/point-reader.ts";
import { type PointSource, pickRows } from "../../pipeline/cluster/points.ts";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import { InputError } from "../../pipeline/core/errors.ts";
import { readNpy } from "../../pipeline/core/npy.ts";
import type { EmbedResult } from "../embed.ts";

export interface Embeddings {
  /** Row-major, rows * dimension. */
  readonly vectors: Float32Array;
  readonly rows: number;
  readonly dimension: number;
}

/** All vectors of an embed artifact, in row order. */
export async function readEmbeddings(artifact: Artifact<EmbedResult>): Promise<Embeddings> {
  const { dimension, files, rows } = artifact.result;
  const vectors = new Float32Array(rows * dimension);
  let to = 0;
  for (const file of files) {
    const { data, shape } = await readNpy(artifact.path(file.path));
    if (!(data instanceof Float32Array) || shape[0] !== file.rows || shape[1] !== dimension) {
      throw new InputError(`${artifact.path(file.path)} is not float32 ${file.rows} x ${dimension}`);
    }
    vectors.set(data, to);
    to += data.length;
  }
  return { vectors, rows, dimension };
}

/**
 * The vectors of an embed artifact as a source that is read piece by piece, or those of the rows that `keep`
 * marks.
 *
 * @throws InputError naming a file that holds other vectors than the artifact says
 */
export async function embeddingSource(
  artifact: Artifact<EmbedResult>,
  keep?: Uint8Array,
): Promise<PointSource> {
  const { dimension, files } = artifact.result;
  const paths = files.map((file) => artifact.path(file.path));
  const source = await openPointFiles(paths, dimension);
  if (keep === undefined) return source;
  if (source.rows !== keep.length) {
    throw new InputError(
      `${artifact.dir} holds ${source.rows} vectors for ${keep.length} documents`,
      "something changed it; delete the folder and run again to rebuild it",
    );
  }
  return keptRows(source, keep);
}

/** The rows that `keep` marks. */
export function keptRows(source: PointSource, keep: Uint8Array): PointSource {
  let kept = 0;
  for (const value of keep) kept += value;
  if (kept === source.rows) return source;
  const rows = new Uint32Array(kept);
  let next = 0;
  keep.forEach((value, row) => {
    if (value !== 0) rows[next++] = row;
  });
  return pickRows(source, rows);
}
