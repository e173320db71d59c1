/**
 * Word vectors as a model with the inputs and the output of a text encoder: `last_hidden_state` at a token is
 * that token's row of the table. The attention mask is taken, because callers of encoders pass one, and
 * zeroes the rows of padding.
 */
import { elementTypes, encodeModel, initializer, node, value } from "../../pipeline/core/onnx-model.ts";
import type { QuantisedRows } from "./quantise-rows.ts";

const inputs = [
  value("input_ids", "int64", ["batch", "sequence"]),
  value("attention_mask", "int64", ["batch", "sequence"]),
];

const masked = [
  node("Cast", ["attention_mask"], "mask_float", { to: elementTypes.float32 }),
  node("Unsqueeze", ["mask_float", "last_axis"], "mask_column"),
  node("Mul", ["rows", "mask_column"], "last_hidden_state"),
];
const lastAxis = initializer("last_axis", [1], BigInt64Array.of(-1n));

/** The .onnx file of a float table, rows * dimension. */
export function floatGatherModel(table: Float32Array, dimension: number): Uint8Array {
  return encodeModel({
    name: "word-vectors",
    inputs,
    outputs: [value("last_hidden_state", "float32", ["batch", "sequence", dimension])],
    constants: [initializer("table", [table.length / dimension, dimension], table), lastAxis],
    nodes: [node("Gather", ["table", "input_ids"], "rows"), ...masked],
  });
}

/** The .onnx file of int8 rows and one scale a row; only the rows asked for become floats. */
export function int8GatherModel({ rows, scales }: QuantisedRows, dimension: number): Uint8Array {
  return encodeModel({
    name: "word-vectors-int8",
    inputs,
    outputs: [value("last_hidden_state", "float32", ["batch", "sequence", dimension])],
    constants: [
      initializer("table", [scales.length, dimension], rows),
      initializer("scales", [scales.length, 1], scales),
      lastAxis,
    ],
    nodes: [
      node("Gather", ["table", "input_ids"], "rows_int8"),
      node("Cast", ["rows_int8"], "rows_float", { to: elementTypes.float32 }),
      node("Gather", ["scales", "input_ids"], "row_scales"),
      node("Mul", ["rows_float", "row_scales"], "rows"),
      ...masked,
    ],
  });
}
