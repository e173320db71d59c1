import { createHash } from "node:crypto";
import { ConfigError, InputError } from "../core/errors.ts";
import type { PointReader } from "./point-reader.ts";
import type { PointSource } from "./points.ts";

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

/** @throws InputError naming the first row with a NaN or infinite value, and its file */
export function checkFinite(points: PointSource, reader: PointReader, firstBadRow: number): void {
  if (firstBadRow === Infinity) return;
  const row = reader.row(firstBadRow);
  const column = row.findIndex((value) => !Number.isFinite(value));
  throw new InputError(
    `${placeOf(points, firstBadRow)}, column ${column} of the embeddings is ${row[column]}`,
    "embed again: every value must be a finite number",
  );
}

/** Which row it is, counted in its own file where there are files. */
function placeOf(points: PointSource, index: number): string {
  let row = points.picked?.[index] ?? index;
  if ("data" in points) return `row ${row}`;
  for (const { path, rows } of points.files) {
    if (row < rows) return `${path}: row ${row}`;
    row -= rows;
  }
  throw new RangeError(`row ${index} lies outside the files`);
}

/**
 * Stops at the first `clusters` distinct rows, so that it costs much only where there are too few.
 *
 * @throws InputError if there are fewer distinct rows than clusters
 */
export function checkDistinct({ rows, dim }: PointSource, reader: PointReader, clusters: number): void {
  const seen = new Set<string>();
  const values = new Float32Array(dim);
  for (let row = 0; row < rows && seen.size < clusters; row++) {
    // Adding 0 makes -0 equal 0.
    values.set(reader.row(row).map((value) => value + 0));
    seen.add(createHash("md5").update(values).digest("base64"));
  }
  if (seen.size >= clusters) return;
  throw new InputError(
    seen.size === 1
      ? `all ${rows} rows are equal, clusters=${clusters}`
      : `only ${seen.size} of ${rows} rows are distinct, clusters=${clusters}`,
    `lower cluster.clusters to ${seen.size} or less, or look why the documents embed alike`,
  );
}
