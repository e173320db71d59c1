/**
 * A BERT-shaped model directory small enough to write in a test: word, position and type embeddings, one layer
 * of masked attention, a dense layer, random weights. Its tokenizer adds [CLS] and [SEP] and knows pieces.
 */
import { elementTypes, encodeModel, initializer, node, value } from "../../pipeline/core/onnx-model.ts";
import { Random } from "../../pipeline/math/random.ts";
import { specialPieces, writeBertFolder } from "../support/bert-folder.ts";

export const tinyDimension = 16;
export const tinyPositions = 24;

const pieces = "the cat sat on a mat dog ran far away ##s ##ing ##ed run jump . , ! ? 1 2 ##1 ##2";
const vocabulary = [...specialPieces, ...pieces.split(" ")];

/** Write the model into `folder`, as both model.onnx and model_quantized.onnx. */
export async function writeTinyBert(folder: string): Promise<void> {
  const graph = tinyBertGraph();
  await writeBertFolder(folder, {
    vocabulary,
    positions: tinyPositions,
    width: tinyDimension,
    fp32: graph,
    int8: graph,
  });
}

function tinyBertGraph(): Uint8Array {
  const random = new Random("tiny bert");
  const d = tinyDimension;
  const normal = (name: string, rows: number) =>
    initializer(
      name,
      [rows, d],
      Float32Array.from({ length: rows * d }, () => random.normal()),
    );
  return encodeModel({
    name: "tiny-bert",
    inputs: ["input_ids", "attention_mask", "token_type_ids"].map((name) =>
      value(name, "int64", ["batch", "sequence"]),
    ),
    outputs: [value("last_hidden_state", "float32", ["batch", "sequence", d])],
    constants: [
      normal("words", vocabulary.length),
      normal("positions", tinyPositions),
      normal("types", 2),
      normal("dense", d),
      initializer("zero", [1], BigInt64Array.of(0n)),
      initializer("one", [1], BigInt64Array.of(1n)),
      initializer("two", [1], BigInt64Array.of(2n)),
      initializer("unit", [1], Float32Array.of(1)),
      initializer("far", [1], Float32Array.of(-10_000)),
      initializer("scale", [1], Float32Array.of(1 / Math.sqrt(d))),
    ],
    nodes: [
      node("Gather", ["words", "input_ids"], "word"),
      node("Gather", ["types", "token_type_ids"], "type"),
      node("Shape", ["input_ids"], "shape"),
      node("Slice", ["shape", "one", "two"], "length"),
      node("Slice", ["positions", "zero", "length", "zero"], "position"),
      node("Add", ["word", "type"], "typed"),
      node("Add", ["typed", "position"], "x"),
      node("Transpose", ["x"], "x_transposed", { perm: [0, 2, 1] }),
      node("MatMul", ["x", "x_transposed"], "products"),
      node("Mul", ["products", "scale"], "scores"),
      node("Cast", ["attention_mask"], "mask", { to: elementTypes.float32 }),
      node("Sub", ["unit", "mask"], "padding"),
      node("Mul", ["padding", "far"], "penalty"),
      node("Unsqueeze", ["penalty", "one"], "penalties"),
      node("Add", ["scores", "penalties"], "masked"),
      node("Softmax", ["masked"], "attention", { axis: 2 }),
      node("MatMul", ["attention", "x"], "mixed"),
      node("MatMul", ["mixed", "dense"], "projected"),
      node("Tanh", ["projected"], "last_hidden_state"),
    ],
  });
}
