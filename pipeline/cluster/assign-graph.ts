// The package is CommonJS: its values can only be had through the default import.
import proto, { type onnx } from "onnx-proto";

const float = proto.onnx.TensorProto.DataType.FLOAT;
const int64 = proto.onnx.TensorProto.DataType.INT64;
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
    [
      { ...gemm, input: ["X", "C", "bias"] },
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
    ],
    [tensor("X", float, "B", "d"), tensor("C", float, "K", "d"), tensor("bias", float, "K")],
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
