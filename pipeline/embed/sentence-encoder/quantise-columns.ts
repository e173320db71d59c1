export interface QuantisedColumns {
  /** In [-127, 127], in the order of the input. */
  readonly values: Int8Array;
  /** One a column: weight = value * scale. */
  readonly scales: Float32Array;
}

/** Symmetric int8 of a matrix (row-major, rows * columns) by column: a column's largest magnitude becomes 127. */
export function quantiseColumns(weights: Float32Array, columns: number): QuantisedColumns {
  const scales = new Float32Array(columns);
  for (const [i, weight] of weights.entries()) {
    const column = i % columns;
    scales[column] = Math.max(scales[column]!, Math.abs(weight));
  }
  for (const [column, largest] of scales.entries()) scales[column] = largest / 127;
  const values = new Int8Array(weights.length);
  for (const [i, weight] of weights.entries()) {
    const scale = scales[i % columns]!;
    // Divided by the scale as stored, whose rounding could carry the largest value past 127.
    if (scale > 0) values[i] = Math.max(-127, Math.min(127, Math.round(weight / scale)));
  }
  return { values, scales };
}
