import { elementTypes, encodeModel, node, value } from "../core/onnx-model.ts";

/** The models of an onnxruntime engine, as bytes of .onnx files. */
export interface EngineModels {
  readonly assign: Uint8Array;
  readonly int8Assign: Uint8Array;
  readonly product: Uint8Array;
}

/** Written once and handed to the worker threads: what writes them takes longer to load than the models do. */
export function engineModels(): EngineModels {
  return { assign: assignGraph(), int8Assign: int8AssignGraph(), product: productGraph() };
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

/**
 * The same step on eight-bit codes, with integer sums:
 *
 *   scores = scale[K] * ((X[B, d] - zero) . C[d, K]) + bias[K]
 */
function int8AssignGraph(): Uint8Array {
  return encodeModel({
    name: "assign",
    inputs: [
      value("X", "uint8", ["B", "d"]),
      value("zero", "uint8", []),
      value("C", "int8", ["d", "K"]),
      value("scale", "float32", ["K"]),
      value("bias", "float32", ["K"]),
    ],
    outputs: [label],
    constants: [],
    nodes: [
      node("MatMulInteger", ["X", "C", "zero"], "sums"),
      node("Cast", ["sums"], "products", { to: elementTypes.float32 }),
      node("Mul", ["products", "scale"], "scaled"),
      node("Add", ["scaled", "bias"], "scores"),
      best,
    ],
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
