/**
 * A few functions over onnx-proto that write an ONNX model by hand. Opset 13 and IR version 7 (ONNX 1.8) are
 * old enough for onnxruntime 1.14 and understood by every later one.
 */
import onnxProto from "onnx-proto";

const { onnx } = onnxProto;
type Node = onnxProto.onnx.INodeProto;
type Tensor = onnxProto.onnx.ITensorProto;
type Value = onnxProto.onnx.IValueInfoProto;

const irVersion = 7;
const opset = 13;

/** ONNX's numbers for element types. */
export const elementTypes = { float32: 1, int8: 3, int64: 7 } as const;
export type ElementType = keyof typeof elementTypes;

/** A constant of the graph, row-major. */
export function initializer(
  name: string,
  dims: readonly number[],
  data: Float32Array | Int8Array | BigInt64Array,
): Tensor {
  const type: ElementType =
    data instanceof Float32Array ? "float32" : data instanceof Int8Array ? "int8" : "int64";
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

/** One operation; attributes are integers, lists of integers or floats marked by `{ float }`. */
export function node(
  opType: string,
  input: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number | readonly number[] | { readonly float: number }>> = {},
): Node {
  const { AttributeType } = onnx.AttributeProto;
  const attribute = Object.entries(attributes).map(([name, value]) => {
    if (typeof value === "number") return { name, type: AttributeType.INT, i: value };
    if ("float" in value) return { name, type: AttributeType.FLOAT, f: value.float };
    return { name, type: AttributeType.INTS, ints: [...value] };
  });
  return { opType, input: [...input], output: [output], name: output, attribute };
}

/** The bytes of an .onnx file. Equal graphs give equal bytes. */
export function encodeModel(graph: {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly constants: readonly Tensor[];
  readonly nodes: readonly Node[];
}): Uint8Array {
  return onnx.ModelProto.encode({
    irVersion,
    producerName: "climb",
    opsetImport: [{ domain: "", version: opset }],
    graph: {
      name: graph.name,
      input: [...graph.inputs],
      output: [...graph.outputs],
      initializer: [...graph.constants],
      node: [...graph.nodes],
    },
  }).finish();
}
