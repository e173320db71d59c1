import { InputError } from "../core/errors.ts";
import { writeUnitRow } from "./unit-row.ts";

/**
 * Embeddings that documents bring, scaled to length 1. A row of NaN alone is that of a document without one.
 *
 * @param vectors row-major, rows * dimension
 * @param place where a row is from, for errors
 * @returns the rows, those without an embedding 0, and which have one
 * @throws InputError if a row holds a value that is not a finite number
 */
export function readyMadeRows(
  vectors: Float32Array,
  dimension: number,
  place: (row: number) => string,
): { rows: Float32Array; has: Uint8Array } {
  const count = vectors.length / dimension;
  const rows = new Float32Array(vectors.length);
  const has = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    const vector = vectors.subarray(row * dimension, (row + 1) * dimension);
    if (vector.every(Number.isNaN)) continue;
    has[row] = 1;
    if (!writeUnitRow(Float64Array.from(vector), rows, row)) {
      const at = vector.findIndex((value) => !Number.isFinite(value));
      throw new InputError(
        `${place(row)} brings an embedding whose value ${at + 1} of ${dimension} is ${vector[at]}`,
        "mend the column, or set embed.readyMade to false",
      );
    }
  }
  return { rows, has };
}
