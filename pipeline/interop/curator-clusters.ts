/**
 * The clusters of NeMo Curator's CLIMB recipe, as its stage 2 leaves them and its stage 3 reads them:
 *
 *   clusters/centroid=<int>/*.parquet      _curator_climb_id, text, embeddings, l2_dist_to_cent, cosine_dist_to_cent
 *   centroids/kmeans_centroids.npy         float32, row = <int>
 *
 * https://github.com/NVIDIA-NeMo/Curator, tutorials on CLIMB, 2_cluster.py
 */
import { join } from "node:path";
import { openDuckdb, sqlText } from "../core/duckdb.ts";

/** What is written of a document besides its id and text. */
export interface ClusteredRow {
  /** Row in the documents file. */
  readonly row: number;
  readonly centroid: number;
  readonly embeddings: readonly number[];
  readonly l2: number;
  readonly cosine: number;
}

/**
 * Write one documents file's rows to their clusters' folders.
 *
 * @param documents Parquet with columns id and text
 * @param rows JSON lines of {@link ClusteredRow}, ascending; rows that are not there are left out
 * @param part name of the files, without the ending: another one for every documents file
 */
export async function writeCuratorClusters(
  directory: string,
  documents: string,
  rows: string,
  part: string,
): Promise<void> {
  const { connection, close } = await openDuckdb();
  try {
    await connection.run(
      `COPY (
         SELECT d.id AS _curator_climb_id, d.text, r.embeddings, r.l2 AS l2_dist_to_cent, r.cosine AS cosine_dist_to_cent,
           r.centroid
         FROM read_parquet(${sqlText(documents)}, file_row_number = true) AS d
         JOIN read_json(${sqlText(rows)}, format = 'newline_delimited', columns = {
           row: 'BIGINT', centroid: 'INTEGER', embeddings: 'FLOAT[]', l2: 'FLOAT', cosine: 'FLOAT'}) AS r
           ON d.file_row_number = r.row
         ORDER BY r.row
       ) TO ${sqlText(join(directory, "clusters"))}
       (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (centroid), OVERWRITE_OR_IGNORE, FILENAME_PATTERN ${sqlText(`${part}-{i}`)})`,
    );
  } finally {
    close();
  }
}
