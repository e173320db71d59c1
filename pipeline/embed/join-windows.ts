import { InputError } from "../core/errors.ts";
import { writeUnitRow } from "./unit-row.ts";

/**
 * Unit vectors of texts, texts * dimension, from the vectors of their pieces: the mean of the pieces' unit vectors,
 * weighted by their lengths. A text without pieces gets the first axis.
 *
 * @param pieces of each text, of which only the lengths count
 * @param vectors of each text's pieces, pieces * dimension
 * @param model embed.model, for errors
 * @throws InputError if a vector is not finite
 */
export function joinWindows(
  texts: readonly string[],
  pieces: readonly (readonly { readonly length: number }[])[],
  vectors: readonly Float32Array[],
  dimension: number,
  model: string,
): Float32Array {
  const rows = new Float32Array(texts.length * dimension);
  const sum = new Float64Array(dimension);
  for (const [row, of] of pieces.entries()) {
    sum.fill(0);
    for (const [place, { length }] of of.entries()) {
      addUnit(vectors[row]!.subarray(place * dimension, (place + 1) * dimension), length, sum);
    }
    if (!writeUnitRow(sum, rows, row)) {
      throw new InputError(
        `embed.model ${model} gives no finite vector for the text '${texts[row]!.slice(0, 60)}'`,
        "set embed.precision to the other one, or use another model",
      );
    }
  }
  return rows;
}

/** Add a vector, scaled to length `weight`, to a sum; the zero vector has no direction and adds nothing. */
function addUnit(vector: Float32Array, weight: number, sum: Float64Array): void {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) return;
  const scale = weight / Math.sqrt(squares);
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + scale * vector[i]!;
}
