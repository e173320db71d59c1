export interface QuantisedRows {
  /** Row-major, rows * dimension, in [-127, 127]. */
  readonly rows: Int8Array;
  /** One a row: value = row * scale. */
  readonly scales: Float32Array;
}

/** Symmetric int8 by row: the largest magnitude of a row becomes 127, so the error is at most scale / 2. */
export function quantiseRows(table: Float32Array, dimension: number): QuantisedRows {
  const count = table.length / dimension;
  const rows = new Int8Array(table.length);
  const scales = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    const values = table.subarray(row * dimension, (row + 1) * dimension);
    let largest = 0;
    for (const value of values) largest = Math.max(largest, Math.abs(value));
    scales[row] = largest / 127;
    // Divided by the scale as stored: rounded to float32, it could be a little less than largest / 127.
    const scale = scales[row]!;
    if (scale === 0) continue;
    for (let column = 0; column < dimension; column++) {
      const rounded = Math.round(values[column]! / scale);
      rows[row * dimension + column] = Math.max(-127, Math.min(127, rounded));
    }
  }
  return { rows, scales };
}
