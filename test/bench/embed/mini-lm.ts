/**
 * A model directory of MiniLM-L6's shape with random weights: 6 layers of 384, 12 heads, 1536 wide, a vocabulary of
 * 30,522. How fast a model runs does not depend on its weights. The graph is the one PyTorch's exporter writes of BERT,
 * operator by operator; what onnxruntime makes of it is its own affair. The int8 graph is that of onnxruntime's
 * dynamic quantisation.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  encodeModel,
  elementTypes,
  initializer,
  node,
  type OnnxGraph,
  value,
} from "../../../pipeline/core/onnx-model.ts";
import { wordVectorsFolder } from "../../../pipeline/embed/model-files.ts";
import { quantiseColumns } from "../../../pipeline/embed/sentence-encoder/quantise-columns.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { specialPieces, writeBertFolder } from "../../support/bert-folder.ts";

export interface Shape {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly inner: number;
  readonly vocabulary: number;
  readonly positions: number;
}

export const miniLm: Shape = {
  layers: 6,
  width: 384,
  heads: 12,
  inner: 1536,
  vocabulary: 30_522,
  positions: 512,
};

/** Multiplications and additions of one text. */
export function flopOf(tokens: number): number {
  const { layers, width, inner } = miniLm;
  return layers * tokens * (2 * (4 * width * width + 2 * width * inner) + 4 * tokens * width);
}

export type Weights = ReadonlyMap<string, { readonly dims: readonly number[]; readonly data: Float32Array }>;

/** Weights by the names both the graph and the peer's program use: matrices are [in, out]. */
export function randomWeights(shape: Shape): Weights {
  const random = new Random("bench/embed");
  const { layers, width, inner, vocabulary, positions } = shape;
  const weights = new Map<string, { dims: number[]; data: Float32Array }>();
  const add = (name: string, dims: number[], scale: number, centre = 0) => {
    const length = dims.reduce((product, size) => product * size, 1);
    const data = Float32Array.from({ length }, () => centre + scale * (2 * random.uniform() - 1));
    weights.set(name, { dims, data });
  };
  const norm = (name: string) => {
    add(`${name}.weight`, [width], 0.1, 1);
    add(`${name}.bias`, [width], 0.1);
  };
  const linear = (name: string, rows: number, columns: number) => {
    add(`${name}.weight`, [rows, columns], Math.sqrt(3 / rows));
    add(`${name}.bias`, [columns], 0.1);
  };
  add("words", [vocabulary, width], 0.1);
  add("positions", [positions, width], 0.1);
  add("types", [2, width], 0.1);
  norm("embedded");
  for (let layer = 0; layer < layers; layer++) {
    for (const name of ["query", "key", "value", "output"]) linear(`${layer}.${name}`, width, width);
    norm(`${layer}.attended`);
    linear(`${layer}.wide`, width, inner);
    linear(`${layer}.narrow`, inner, width);
    norm(`${layer}.out`);
  }
  return weights;
}

/** Write the directory: both graphs, and a tokenizer of the word vectors' words and all pieces of one character. */
export async function writeBert(folder: string, weights: Weights, shape: Shape): Promise<void> {
  const words = JSON.parse(await readFile(join(wordVectorsFolder(), "tokenizer.json"), "utf8")) as {
    model: { vocab: Record<string, number> };
  };
  const characters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i).toLowerCase());
  const vocabulary = new Set([
    ...specialPieces,
    ...characters,
    ...characters.map((character) => `##${character}`),
    ...Object.keys(words.model.vocab),
  ]);
  await writeBertFolder(folder, {
    vocabulary: [...vocabulary].slice(0, shape.vocabulary),
    positions: shape.positions,
    width: shape.width,
    fp32: encodeModel(bertGraph(weights, shape, "fp32")),
    int8: encodeModel(bertGraph(weights, shape, "int8")),
  });
}

/** The graph of these weights. */
export function bertGraph(weights: Weights, shape: Shape, precision: "fp32" | "int8"): OnnxGraph {
  const { layers, width, heads } = shape;
  const constants: OnnxGraph["constants"][number][] = [];
  const nodes: OnnxGraph["nodes"][number][] = [];
  const float = (name: string, ...values: number[]) =>
    constants.push(initializer(name, values.length === 1 ? [] : [values.length], Float32Array.from(values)));
  const ints = (name: string, ...values: number[]) =>
    constants.push(initializer(name, [values.length], BigInt64Array.from(values, BigInt)));
  const weight = (name: string) => {
    const { dims, data } = weights.get(name)!;
    constants.push(initializer(name, dims, data));
    return name;
  };
  const apply = (output: string, op: string, inputs: string[], attributes = {}) => {
    nodes.push(node(op, inputs, output, attributes));
    return output;
  };
  const linear = (name: string, x: string) => {
    const bias = weight(`${name}.bias`);
    if (precision === "fp32") {
      return apply(name, "Add", [apply(`${name}.product`, "MatMul", [x, weight(`${name}.weight`)]), bias]);
    }
    const { dims, data } = weights.get(`${name}.weight`)!;
    const { values, scales } = quantiseColumns(data, dims[1]!);
    constants.push(
      initializer(`${name}.int8`, dims, values),
      initializer(`${name}.scales`, [dims[1]!], scales),
    );
    nodes.push(node("DynamicQuantizeLinear", [x], [`${name}.x`, `${name}.xScale`, `${name}.xZero`]));
    apply(`${name}.sums`, "MatMulInteger", [`${name}.x`, `${name}.int8`, `${name}.xZero`]);
    apply(`${name}.floats`, "Cast", [`${name}.sums`], { to: elementTypes.float32 });
    apply(`${name}.scale`, "Mul", [`${name}.xScale`, `${name}.scales`]);
    return apply(name, "Add", [apply(`${name}.product`, "Mul", [`${name}.floats`, `${name}.scale`]), bias]);
  };
  const normalise = (name: string, x: string) => {
    apply(`${name}.mean`, "ReduceMean", [x], { axes: [-1] });
    apply(`${name}.centred`, "Sub", [x, `${name}.mean`]);
    apply(`${name}.squares`, "Pow", [`${name}.centred`, "two"]);
    apply(`${name}.variance`, "ReduceMean", [`${name}.squares`], { axes: [-1] });
    apply(`${name}.shifted`, "Add", [`${name}.variance`, "epsilon"]);
    apply(`${name}.deviation`, "Sqrt", [`${name}.shifted`]);
    apply(`${name}.unit`, "Div", [`${name}.centred`, `${name}.deviation`]);
    apply(`${name}.scaled`, "Mul", [`${name}.unit`, weight(`${name}.weight`)]);
    return apply(name, "Add", [`${name}.scaled`, weight(`${name}.bias`)]);
  };

  float("two", 2);
  float("one", 1);
  float("half", 0.5);
  float("epsilon", 1e-12);
  float("root2", Math.SQRT2);
  float("far", -10_000);
  float("headRoot", Math.sqrt(width / heads));
  ints("start", 0);
  ints("second", 1);
  ints("third", 2);
  ints("middle", 1, 2);
  ints("split", 0, 0, heads, width / heads);
  ints("joined", 0, 0, width);

  apply("mask.column", "Unsqueeze", ["attention_mask", "middle"]);
  apply("mask.float", "Cast", ["mask.column"], { to: elementTypes.float32 });
  apply("mask.padding", "Sub", ["one", "mask.float"]);
  apply("mask", "Mul", ["mask.padding", "far"]);
  apply("shape", "Shape", ["input_ids"]);
  apply("length", "Slice", ["shape", "second", "third"]);
  apply("word", "Gather", [weight("words"), "input_ids"]);
  apply("type", "Gather", [weight("types"), "token_type_ids"]);
  apply("position", "Slice", [weight("positions"), "start", "length", "start"]);
  apply("typed", "Add", ["word", "type"]);
  let x = normalise("embedded", apply("placed", "Add", ["typed", "position"]));
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string) => `${layer}.${name}`;
    for (const [name, perm] of [
      ["query", [0, 2, 1, 3]],
      ["key", [0, 2, 3, 1]],
      ["value", [0, 2, 1, 3]],
    ] as const) {
      apply(at(`${name}.split`), "Reshape", [linear(at(name), x), "split"]);
      apply(at(`${name}.heads`), "Transpose", [at(`${name}.split`)], { perm });
    }
    apply(at("products"), "MatMul", [at("query.heads"), at("key.heads")]);
    apply(at("scores"), "Div", [at("products"), "headRoot"]);
    apply(at("masked"), "Add", [at("scores"), "mask"]);
    apply(at("attention"), "Softmax", [at("masked")], { axis: -1 });
    apply(at("mixed"), "MatMul", [at("attention"), at("value.heads")]);
    apply(at("mixed.tokens"), "Transpose", [at("mixed")], { perm: [0, 2, 1, 3] });
    apply(at("context"), "Reshape", [at("mixed.tokens"), "joined"]);
    apply(at("attended.sum"), "Add", [linear(at("output"), at("context")), x]);
    const attended = normalise(at("attended"), at("attended.sum"));
    const wide = linear(at("wide"), attended);
    apply(at("gelu.scaled"), "Div", [wide, "root2"]);
    apply(at("gelu.erf"), "Erf", [at("gelu.scaled")]);
    apply(at("gelu.shifted"), "Add", [at("gelu.erf"), "one"]);
    apply(at("gelu.product"), "Mul", [wide, at("gelu.shifted")]);
    apply(at("gelu"), "Mul", [at("gelu.product"), "half"]);
    apply(at("out.sum"), "Add", [linear(at("narrow"), at("gelu")), attended]);
    x = normalise(at("out"), at("out.sum"));
  }
  nodes.push(node("Identity", [x], "last_hidden_state"));
  return {
    name: `bert-${precision}`,
    inputs: ["input_ids", "attention_mask", "token_type_ids"].map((name) =>
      value(name, "int64", ["batch", "sequence"]),
    ),
    outputs: [value("last_hidden_state", "float32", ["batch", "sequence", width])],
    constants,
    nodes,
  };
}
