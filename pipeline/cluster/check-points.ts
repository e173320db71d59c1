import { ConfigError, InputError } from "../core/errors.ts";
import type { Points } from "./points.ts";

/** @throws ConfigError if there are fewer rows than clusters */
export function checkClusters(clusters: number, rows: number): void {
  if (!Number.isInteger(clusters) || clusters < 1) {
    throw new ConfigError(
      `clusters=${clusters} should be a positive integer`,
      "set cluster.clusters to 1 or more",
    );
  }
  if (clusters > rows) {
    throw new ConfigError(
      `clusters=${clusters} should be <= rows=${rows}`,
      "lower cluster.clusters or add documents",
    );
  }
}

/** @throws InputError naming the first row with a NaN or infinite value */
export function checkFinite({ data, dim }: Points, firstBadRow: number): void {
  if (firstBadRow === Infinity) return;
  const row = data.subarray(firstBadRow * dim, (firstBadRow + 1) * dim);
  const column = row.findIndex((value) => !Number.isFinite(value));
  throw new InputError(
    `row ${firstBadRow}, column ${column} of the embeddings is ${row[column]}`,
    "embed again: every value must be a finite number",
  );
}

/**
 * Stops at the first `clusters` distinct rows, so that it costs much only where there are too few.
 *
 * @throws InputError if there are fewer distinct rows than clusters
 */
export function checkDistinct({ data, rows, dim }: Points, clusters: number): void {
  const seen = new Set<string>();
  for (let row = 0; row < rows && seen.size < clusters; row++) {
    // Adding 0 makes -0 equal 0.
    const values = data.slice(row * dim, (row + 1) * dim).map((value) => value + 0);
    seen.add(Buffer.from(values.buffer).toString("latin1"));
  }
  if (seen.size >= clusters) return;
  throw new InputError(
    seen.size === 1
      ? `all ${rows} rows are equal, clusters=${clusters}`
      : `only ${seen.size} of ${rows} rows are distinct, clusters=${clusters}`,
    `lower cluster.clusters to ${seen.size} or less, or look why the documents embed alike`,
  );
}
