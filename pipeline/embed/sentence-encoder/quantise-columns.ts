export interface QuantisedColumns {
  /** In [-127, 127], in the order of the input. */
  readonly values: Int8Array;
  /** One a column: weight = value * scale. */
  readonly scales: Float32Array;
}

/** Symmetric int8 of a matrix (row-major, rows * columns) by column: a column's largest magnitude becomes 127. */
export function quantiseColumns(weights: Float32Array, columns: number): QuantisedColumns {
  const scales = new Float32Array(columns);
  for (let start = 0; start < weights.length; start += columns) {
    for (let column = 0; column < columns; column++) {
      const magnitude = Math.abs(weights[start + column]!);
      if (magnitude > scales[column]!) scales[column] = magnitude;
    }
  }
  for (let column = 0; column < columns; column++) scales[column] = scales[column]! / 127;
  const values = new Int8Array(weights.length);
  for (let start = 0; start < weights.length; start += columns) {
    for (let column = 0; column < columns; column++) {
      const scale = scales[column]!;
      // Divided by the scale as stored, whose rounding could carry the largest value past 127.
      const rounded = scale === 0 ? 0 : Math.round(weights[start + column]! / scale);
      values[start + column] = Math.max(-127, Math.min(127, rounded));
    }
  }
  return { values, scales };
}
