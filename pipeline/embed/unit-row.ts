/**
 * Write a vector, scaled to length 1, as row `row` of `rows` (row-major, any count * vector.length). The zero
 * vector, which has no direction, becomes the first axis.
 *
 * @returns false, with nothing written, if the vector's length is not a finite number
 */
export function writeUnitRow(vector: Float64Array, rows: Float32Array, row: number): boolean {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  if (!Number.isFinite(length)) return false;
  const start = row * vector.length;
  if (length === 0) {
    rows.fill(0, start, start + vector.length);
    rows[start] = 1;
    return true;
  }
  for (let i = 0; i < vector.length; i++) rows[start + i] = vector[i]! / length;
  return true;
}
