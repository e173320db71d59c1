/** A few functions over onnx-proto that write an ONNX model by hand. */
// The package is CommonJS: its values can only be had through the default import.
import onnxProto from "onnx-proto";

const { onnx } = onnxProto;
type Node = onnxProto.onnx.INodeProto;
type Tensor = onnxProto.onnx.ITensorProto;
type Value = onnxProto.onnx.IValueInfoProto;

/** IR version 7 and opset 13 (ONNX 1.8) are old enough for onnxruntime 1.14 and understood by every later one. */
const oldest = { irVersion: 7, opset: 13 };

/** ONNX's numbers for element types. */
export const elementTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
export type ElementType = keyof typeof elementTypes;

/** Operators of onnxruntime beyond the standard's. */
export const microsoft = "com.microsoft";

/** A constant of the graph, row-major. */
export function initializer(
  name: string,
  dims: readonly number[],
  data: Float32Array | Uint8Array | Int8Array | BigInt64Array,
): Tensor {
  const type: ElementType =
    data instanceof Float32Array
      ? "float32"
      : data instanceof Int8Array
        ? "int8"
        : data instanceof Uint8Array
          ? "uint8"
          : "int64";
  return {
    name,
    dims: [...dims],
    dataType: elementTypes[type],
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

/** An input or output of the graph; a string in `dims` names a size known only when the model runs. */
export function value(name: string, type: ElementType, dims: readonly (number | string)[]): Value {
  const dim = dims.map((size) => (typeof size === "string" ? { dimParam: size } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}

/** Integers, lists of integers, strings, or floats marked by `{ float }`. */
export type Attributes = Readonly<
  Record<string, number | readonly number[] | { readonly float: number } | string>
>;

/** One operation; an output that nobody reads may be named "". */
export function node(
  opType: string,
  input: readonly string[],
  output: string | readonly string[],
  attributes: Attributes = {},
  domain = "",
): Node {
  const { AttributeType } = onnx.AttributeProto;
  const attribute = Object.entries(attributes).map(([name, value]) => {
    if (typeof value === "number") return { name, type: AttributeType.INT, i: value };
    if (typeof value === "string")
      return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
    if ("float" in value) return { name, type: AttributeType.FLOAT, f: value.float };
    return { name, type: AttributeType.INTS, ints: [...value] };
  });
  const outputs = typeof output === "string" ? [output] : [...output];
  return {
    opType,
    input: [...input],
    output: outputs,
    name: outputs[0]!,
    attribute,
    ...(domain === "" ? {} : { domain }),
  };
}

export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly constants: readonly Tensor[];
  readonly nodes: readonly Node[];
}

/**
 * The bytes of an .onnx file. Equal graphs give equal bytes.
 *
 * @param versions opset 13 by default; the operators of onnxruntime itself can be used from 17 on
 */
export function encodeModel(graph: OnnxGraph, { irVersion, opset } = oldest): Uint8Array {
  const standard = { domain: "", version: opset };
  return onnx.ModelProto.encode({
    irVersion,
    producerName: "climb",
    opsetImport: opset < 17 ? [standard] : [standard, { domain: microsoft, version: 1 }],
    graph: {
      name: graph.name,
      input: [...graph.inputs],
      output: [...graph.outputs],
      initializer: [...graph.constants],
      node: [...graph.nodes],
    },
  }).finish();
}
