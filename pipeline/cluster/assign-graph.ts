import { encodeModel, node, value } from "../core/onnx-model.ts";

/** The models of an onnxruntime engine, as bytes of .onnx files. */
export interface EngineModels {
  readonly assign: Uint8Array;
  readonly int8Product: Uint8Array;
  readonly product: Uint8Array;
}

/** Written once and handed to the worker threads: what writes them takes longer to load than the models do. */
export function engineModels(): EngineModels {
  return { assign: assignGraph(), int8Product: int8ProductGraph(), product: productGraph() };
}

/**
 * ONNX model of one assignment step, for any B points, K centroids and d dimensions:
 *
 *   scores = X[B, d] . C[K, d]^T + bias[K];  label[B] = arg max, lowest index first
 *
 * The centroids are an input, so that one session serves every iteration.
 */
function assignGraph(): Uint8Array {
  return encodeModel({
    name: "assign",
    inputs: [
      value("X", "float32", ["B", "d"]),
      value("C", "float32", ["K", "d"]),
      value("bias", "float32", ["K"]),
    ],
    outputs: [label],
    constants: [],
    nodes: [node("Gemm", ["X", "C", "bias"], "scores", { transB: 1 }), best],
  });
}

/** ONNX model of the products of eight-bit codes, in integers: sums = (X[B, d] - zero) . C[d, K]. */
function int8ProductGraph(): Uint8Array {
  return encodeModel({
    name: "int8-products",
    inputs: [value("X", "uint8", ["B", "d"]), value("C", "int8", ["d", "K"]), value("zero", "uint8", [])],
    outputs: [value("sums", "int32", ["B", "K"])],
    constants: [],
    nodes: [node("MatMulInteger", ["X", "C", "zero"], "sums")],
  });
}

/** ONNX model of the scalar products alone: scores = X[B, d] . C[K, d]^T. */
function productGraph(): Uint8Array {
  return encodeModel({
    name: "products",
    inputs: [value("X", "float32", ["B", "d"]), value("C", "float32", ["K", "d"])],
    outputs: [value("scores", "float32", ["B", "K"])],
    constants: [],
    nodes: [node("Gemm", ["X", "C"], "scores", { transB: 1 })],
  });
}

const label = value("label", "int64", ["B"]);
const best = node("ArgMax", ["scores"], "label", { axis: 1, keepdims: 0 });
