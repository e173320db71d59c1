/**
 * Universal Sentence Encoder Lite as an ONNX graph: two transformer layers over one text, the mean of its tokens,
 * one dense layer with tanh. The TensorFlow.js graph has the same arithmetic spread over 317 nodes, half of which
 * scatter a sparse batch; here the batch is dense, rows of one length.
 */
import { initializer, microsoft, node, type OnnxGraph, value } from "../../core/onnx-model.ts";
import type { FindWeight } from "./package-files.ts";
import { quantiseColumns } from "./quantise-columns.ts";

/** Of a text's tokens, the model sees only so many. */
export const maxTokens = 128;
export const dimension = 512;
const pieces = 8002;
const pieceDimension = 256;
const inner = 1536;
const heads = 4;

export type Precision = "fp32" | "int8";

/** @returns the graph: int32 `ids` [batch, tokens] to float32 `embedding` [batch, 512], not of length 1 */
export function sentenceEncoderGraph(weight: FindWeight, precision: Precision): OnnxGraph {
  const constants: OnnxGraph["constants"][number][] = [];
  const nodes: OnnxGraph["nodes"][number][] = [];
  const constant = (name: string, dims: readonly number[], data: Parameters<typeof initializer>[2]) => {
    constants.push(initializer(name, dims, data));
    return name;
  };
  const apply = (output: string, opType: string, ...inputs: string[]) => {
    nodes.push(node(opType, inputs, output));
    return output;
  };

  /** x [batch, tokens, rows] . W [rows, columns] + b */
  const dense = (
    name: string,
    x: string,
    size: readonly [number, number],
    w: Float32Array,
    b: Float32Array,
  ) => {
    const bias = constant(`${name}.bias`, [size[1]], b);
    return apply(
      name,
      "Add",
      precision === "fp32" ? product(name, x, size, w) : product8(name, x, size, w),
      bias,
    );
  };
  const product = (name: string, x: string, size: readonly [number, number], w: Float32Array) =>
    apply(`${name}.product`, "MatMul", x, constant(`${name}.weight`, size, w));
  /** The same in integers: a scale for each column of W, and one for all of x, found when the model runs. */
  const product8 = (name: string, x: string, size: readonly [number, number], w: Float32Array) => {
    const { values, scales } = quantiseColumns(w, size[1]);
    nodes.push(node("DynamicQuantizeLinear", [x], [`${name}.x`, `${name}.xScale`, `${name}.xZero`]));
    const integers = constant(`${name}.weight`, size, values);
    apply(`${name}.sums`, "MatMulInteger", `${name}.x`, integers, `${name}.xZero`);
    nodes.push(node("Cast", [`${name}.sums`], `${name}.floats`, { to: 1 }));
    const scale = apply(
      `${name}.scale`,
      "Mul",
      `${name}.xScale`,
      constant(`${name}.scales`, [size[1]], scales),
    );
    return apply(`${name}.product`, "Mul", `${name}.floats`, scale);
  };
  const normalise = (name: string, x: string, width: number, path: string) => {
    const part = (of: string) =>
      constant(`${name}.${of}`, [width], weight(`${path}layer_norm_${of}/ConcatPartitions/concat`, width));
    nodes.push(
      node("LayerNormalization", [x, part("scale"), part("bias")], name, {
        epsilon: { float: 1e-6 },
        axis: -1,
      }),
    );
    return name;
  };

  constant("zero", [1], BigInt64Array.of(0n));
  constant("one", [1], BigInt64Array.of(1n));
  constant("two", [1], BigInt64Array.of(2n));
  constant("pieces", [pieces, pieceDimension], weight("module/Embeddings_en", pieces * pieceDimension));
  constant("positions", [maxTokens, pieceDimension], positions(weight));
  apply("piece", "Gather", "pieces", "ids");
  apply("shape", "Shape", "ids");
  apply("tokens", "Slice", "shape", "one", "two");
  apply("position", "Slice", "positions", "zero", "tokens", "zero");
  // The model adds the piece to itself with its position added: twice the piece.
  apply("placed", "Add", "piece", "position");
  let x = apply("x", "Add", "piece", "placed");

  for (const layer of [0, 1]) {
    const width = layer === 0 ? pieceDimension : dimension;
    const path = `Layer_${layer}/TransformerLayer/`;
    const linear = (
      name: string,
      input: string,
      rows: number,
      columns: number,
      kernel: string,
      bias: string,
    ) =>
      dense(
        `${layer}.${name}`,
        input,
        [rows, columns],
        weight(path + kernel, rows * columns),
        weight(`${path}${bias}/ConcatPartitions/concat`, columns),
      );
    // The first layer widens what goes past it as well.
    const past =
      layer === 0
        ? linear("past", x, width, dimension, "dense/kernel/ConcatPartitions/concat", "dense/bias")
        : x;

    const attention = "MultiheadAttention/";
    const seen = normalise(`${layer}.seen`, x, width, `${path}layer_prepostprocess/layer_norm/`);
    const qkv = `${attention}qkv_transform_single`;
    const joined = linear("qkv", seen, width, 3 * width, `${qkv}/kernel/part_0`, `${qkv}/bias`);
    const parts = ["q", "k", "v"].map((part) => `${layer}.${part}`);
    nodes.push(node("Split", [joined], parts, { axis: 2 }));
    const mixed = `${layer}.mixed`;
    nodes.push(node("MultiHeadAttention", parts, mixed, { num_heads: heads }, microsoft));
    const out = `${attention}output_transform_single`;
    const projected = linear("attention", mixed, width, dimension, `${out}/kernel/part_0`, `${out}/bias`);
    const attended = apply(`${layer}.attended`, "Add", projected, past);

    const fed = normalise(`${layer}.fed`, attended, dimension, `${path}FFN/layer_prepostprocess/layer_norm/`);
    const wide = linear("wide", fed, dimension, inner, "FFN/conv1/Tensordot/Reshape_1", "FFN/conv1/bias");
    const active = apply(`${layer}.active`, "Relu", wide);
    const narrow = linear(
      "narrow",
      active,
      inner,
      dimension,
      "FFN/conv2/Tensordot/Reshape_1",
      "FFN/conv2/bias",
    );
    x = apply(`${layer}.out`, "Add", narrow, attended);
  }

  nodes.push(node("ReduceMean", [x], "mean", { axes: [1], keepdims: 0 }));
  const last = "Encoder_en/hidden_layers/tanh_layer_0/";
  const size = [dimension, dimension] as const;
  const mapped = product("last", "mean", size, weight(`${last}weights`, dimension * dimension));
  const shifted = apply(
    "last",
    "Add",
    mapped,
    constant("last.bias", [dimension], weight(`${last}bias`, dimension)),
  );
  apply("embedding", "Tanh", shifted);
  return {
    name: `use-lite-${precision}`,
    inputs: [value("ids", "int32", ["batch", "tokens"])],
    outputs: [value("embedding", "float32", ["batch", dimension])],
    constants,
    nodes,
  };
}

/** Sines, then cosines, of position / wavelength (Vaswani et al. 2017), maxTokens * pieceDimension. */
function positions(weight: FindWeight): Float32Array {
  const half = pieceDimension / 2;
  const frequencies = weight("AddTimingSignal/TimingSignal/ExpandDims_1", half);
  const table = new Float32Array(maxTokens * pieceDimension);
  for (let position = 0; position < maxTokens; position++) {
    for (const [i, frequency] of frequencies.entries()) {
      const angle = Math.fround(position * frequency);
      table[position * pieceDimension + i] = Math.sin(angle);
      table[position * pieceDimension + half + i] = Math.cos(angle);
    }
  }
  return table;
}
