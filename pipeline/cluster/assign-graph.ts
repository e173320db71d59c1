// The package is CommonJS: its values can only be had through the default import.
import proto, { type onnx } from "onnx-proto";

const float = proto.onnx.TensorProto.DataType.FLOAT;
const { INT64: int64, UINT8: uint8, INT8: int8 } = proto.onnx.TensorProto.DataType;
const { INT, INTS } = proto.onnx.AttributeProto.AttributeType;

/**
 * ONNX model of one assignment step, for any B points, K centroids and d dimensions:
 *
 *   scores = X[B, d] . C[K, d]^T + bias[K];  label[B] = arg max, lowest index first;  score[B] = max
 *
 * The centroids are an input, so that one session serves every iteration.
 */
export function assignGraph(): Uint8Array {
  return encode(
    [{ ...gemm, input: ["X", "C", "bias"] }, ...best],
    [tensor("X", float, "B", "d"), tensor("C", float, "K", "d"), tensor("bias", float, "K")],
    [tensor("label", int64, "B"), tensor("score", float, "B")],
  );
}

/**
 * The same step on eight-bit codes, with integer sums:
 *
 *   scores = scale[K] * ((X[B, d] - zero) . C[d, K]) + bias[K]
 */
export function int8AssignGraph(): Uint8Array {
  return encode(
    [
      { opType: "MatMulInteger", input: ["X", "C", "zero"], output: ["sums"] },
      {
        opType: "Cast",
        input: ["sums"],
        output: ["products"],
        attribute: [{ name: "to", type: INT, i: float }],
      },
      { opType: "Mul", input: ["products", "scale"], output: ["scaled"] },
      { opType: "Add", input: ["scaled", "bias"], output: ["scores"] },
      ...best,
    ],
    [
      tensor("X", uint8, "B", "d"),
      tensor("zero", uint8),
      tensor("C", int8, "d", "K"),
      tensor("scale", float, "K"),
      tensor("bias", float, "K"),
    ],
    [tensor("label", int64, "B"), tensor("score", float, "B")],
  );
}

/** ONNX model of the scalar products alone: scores = X[B, d] . C[K, d]^T. */
export function productGraph(): Uint8Array {
  return encode(
    [{ ...gemm, input: ["X", "C"] }],
    [tensor("X", float, "B", "d"), tensor("C", float, "K", "d")],
    [tensor("scores", float, "B", "K")],
  );
}

const gemm = {
  opType: "Gemm",
  output: ["scores"],
  attribute: [{ name: "transB", type: INT, i: 1 }],
} satisfies onnx.INodeProto;

const best = [
  {
    opType: "ArgMax",
    input: ["scores"],
    output: ["label"],
    attribute: [
      { name: "axis", type: INT, i: 1 },
      { name: "keepdims", type: INT, i: 0 },
    ],
  },
  {
    opType: "ReduceMax",
    input: ["scores"],
    output: ["score"],
    attribute: [
      { name: "axes", type: INTS, ints: [1] },
      { name: "keepdims", type: INT, i: 0 },
    ],
  },
] satisfies onnx.INodeProto[];

function tensor(name: string, elemType: number, ...dims: string[]): onnx.IValueInfoProto {
  return { name, type: { tensorType: { elemType, shape: { dim: dims.map((dimParam) => ({ dimParam })) } } } };
}

function encode(
  node: onnx.INodeProto[],
  input: onnx.IValueInfoProto[],
  output: onnx.IValueInfoProto[],
): Uint8Array {
  const model = proto.onnx.ModelProto.encode({
    irVersion: 7,
    // 13 is the first opset with these forms of the three operators that later ones did not change in meaning.
    opsetImport: [{ domain: "", version: 13 }],
    graph: { name: "assign", node, input, output },
  });
  return model.finish();
}
