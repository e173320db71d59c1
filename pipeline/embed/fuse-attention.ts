/**
 * Attention as one operator. Exporters write it as some thirteen (split heads, scaled products, mask, softmax, sum,
 * join heads), which onnxruntime fuses for few models; its own operator was measured 5 to 20 % faster for whole models,
 * most for long texts and int8. Texts here are never padded, so that the mask of padding, which adds 0, can go.
 */
// The package is CommonJS: its values can only be had through the default import.
import onnxProto from "onnx-proto";
import { microsoft, node as makeNode } from "../core/onnx-model.ts";

const { onnx } = onnxProto;
type Node = onnxProto.onnx.INodeProto;
type Graph = onnxProto.onnx.IGraphProto;
type Tensor = onnxProto.onnx.ITensorProto;

/** What padding masks are made with; a mask made otherwise may also hide the future, or add a bias. */
const maskOperators = new Set(
  "Add Cast Concat Constant ConstantOfShape Div Equal Expand Gather Identity Mul Reshape Shape Slice Sub Unsqueeze Where".split(
    " ",
  ),
);
const external = onnx.TensorProto.DataLocation.EXTERNAL;
/** Larger constants in a mask are weights or a table of positions. */
const largestMaskConstant = 8;

/**
 * The model with every attention that is recognised as one operator.
 *
 * @param model an .onnx file
 * @returns undefined if none is recognised, or weights lie in other files
 */
export function fuseAttention(model: Uint8Array): Uint8Array | undefined {
  const decoded = onnx.ModelProto.decode(model);
  const graph = decoded.graph!;
  if (graph.initializer!.some(({ dataLocation }) => dataLocation === external)) return undefined;
  const view = new GraphView(graph);
  const fused = new Map<Node, Node>();
  for (const softmax of graph.node!) {
    if (softmax.opType !== "Softmax") continue;
    const found = findAttention(view, softmax);
    if (found !== undefined) fused.set(found.last, found.fused);
  }
  if (fused.size === 0) return undefined;
  const nodes = graph.node!.map((node) => fused.get(node) ?? node);
  graph.node = neededNodes(nodes, graph);
  decoded.opsetImport = [
    ...decoded.opsetImport.filter(({ domain }) => domain !== microsoft),
    { domain: microsoft, version: 1 },
  ];
  return onnx.ModelProto.encode(decoded).finish();
}

function findAttention(view: GraphView, softmax: Node): { last: Node; fused: Node } | undefined {
  const axis = softmax.attribute?.find(({ name }) => name === "axis")?.i;
  if (axis === undefined || ![-1, 3].includes(Number(axis))) return undefined;
  const scores = view.scaled(withoutMask(view, softmax.input![0]!));
  const products = view.made(scores.of, "MatMul");
  if (products === undefined) return undefined;
  const query = splitHeads(view, products.input![0]!, [0, 2, 1, 3]);
  const key =
    splitHeads(view, products.input![1]!, [0, 2, 3, 1]) ?? splitTransposed(view, products.input![1]!);
  const mixed = view.onlyUser(softmax.output![0]!, "MatMul");
  if (mixed === undefined || mixed.input![0] !== softmax.output![0]) return undefined;
  const value = splitHeads(view, mixed.input![1]!, [0, 2, 1, 3]);
  const joined = view.onlyUser(mixed.output![0]!, "Transpose");
  if (joined === undefined || !hasOrder(joined, [0, 2, 1, 3])) return undefined;
  const last = view.onlyUser(joined.output![0]!, "Reshape");
  if (last === undefined || query === undefined || key === undefined || value === undefined) return undefined;
  if (query.heads !== key.heads || query.heads !== value.heads) return undefined;
  const scale = scores.factor * query.factor * key.factor;
  const attributes = { num_heads: query.heads, scale: { float: scale } };
  const inputs = [query.of, key.of, value.of];
  return { last, fused: makeNode("MultiHeadAttention", inputs, last.output![0]!, attributes, microsoft) };
}

/** The scores before a mask of padding was added, if one was. */
function withoutMask(view: GraphView, scores: string): string {
  const sum = view.made(scores, "Add");
  if (sum === undefined) return scores;
  const [left, right] = sum.input as [string, string];
  return view.isMask(right) ? left : view.isMask(left) ? right : scores;
}

interface Heads {
  /** [batch, tokens, heads * size] before it was split. */
  readonly of: string;
  readonly factor: number;
  readonly heads: number;
}

function splitHeads(view: GraphView, name: string, order: readonly number[]): Heads | undefined {
  const { of, factor } = view.scaled(name);
  const transposed = view.made(of, "Transpose");
  if (transposed === undefined || !hasOrder(transposed, order)) return undefined;
  const inner = view.scaled(transposed.input![0]!);
  const split = view.made(inner.of, "Reshape");
  const heads = split && view.headsOf(split.input![1]!);
  if (heads === undefined) return undefined;
  const before = view.scaled(split!.input![0]!);
  return { of: before.of, factor: factor * inner.factor * before.factor, heads };
}

/** Keys whose last two axes are swapped after their heads were split. */
function splitTransposed(view: GraphView, name: string): Heads | undefined {
  const { of, factor } = view.scaled(name);
  const swapped = view.made(of, "Transpose");
  if (swapped === undefined || !hasOrder(swapped, [0, 1, 3, 2])) return undefined;
  const heads = splitHeads(view, swapped.input![0]!, [0, 2, 1, 3]);
  return heads && { ...heads, factor: factor * heads.factor };
}

function hasOrder({ attribute }: Node, order: readonly number[]): boolean {
  const perm = attribute?.find(({ name }) => name === "perm")?.ints ?? [];
  return perm.map(Number).join() === order.join();
}

/** Looks things up in a graph by the names of its values. */
class GraphView {
  readonly #makers = new Map<string, Node>();
  readonly #users = new Map<string, Node[]>();
  readonly #constants = new Map<string, Tensor>();
  readonly #outputs: ReadonlySet<string>;

  constructor({ node, initializer, output }: Graph) {
    for (const each of node!) {
      for (const name of each.output!) this.#makers.set(name, each);
      for (const name of each.input!) this.#users.set(name, [...(this.#users.get(name) ?? []), each]);
      const held =
        each.opType === "Constant" ? each.attribute?.find(({ name }) => name === "value")?.t : undefined;
      if (held) this.#constants.set(each.output![0]!, held);
    }
    for (const tensor of initializer!) this.#constants.set(tensor.name!, tensor);
    this.#outputs = new Set(output!.map(({ name }) => name!));
  }

  made(name: string, opType: string): Node | undefined {
    const maker = this.#makers.get(name);
    return maker?.opType === opType ? maker : undefined;
  }

  onlyUser(name: string, opType: string): Node | undefined {
    const users = this.#users.get(name) ?? [];
    return users.length === 1 && users[0]!.opType === opType && !this.#outputs.has(name)
      ? users[0]
      : undefined;
  }

  /** A value as a factor times another one, where it was multiplied or divided by a constant number. */
  scaled(name: string): { of: string; factor: number } {
    for (const opType of ["Mul", "Div"]) {
      const maker = this.made(name, opType);
      if (maker === undefined) continue;
      const [left, right] = maker.input as [string, string];
      const [by, first] = [this.#number(right), this.#number(left)];
      if (by !== undefined) return { of: left, factor: opType === "Mul" ? by : 1 / by };
      if (first !== undefined && opType === "Mul") return { of: right, factor: first };
    }
    return { of: name, factor: 1 };
  }

  /** The number of heads in a shape [batch, tokens, heads, size], constant or put together. */
  headsOf(shape: string): number | undefined {
    const whole = integersOf(this.#constants.get(shape));
    const parts = this.made(shape, "Concat")?.input!.map(
      (part) => integersOf(this.#constants.get(part))?.[0],
    );
    const sizes = whole ?? parts;
    const [heads, size] = [sizes?.[2], sizes?.[3]];
    return sizes?.length === 4 && heads !== undefined && heads > 0 && size !== undefined && size > 0
      ? heads
      : undefined;
  }

  /** Whether a value comes from the attention mask and sizes alone. */
  isMask(name: string): boolean {
    const seen = new Set<string>();
    let hasMask = false;
    const fits = (value: string): boolean => {
      if (value === "" || seen.has(value)) return true;
      seen.add(value);
      const constant = this.#constants.get(value);
      if (constant !== undefined) return sizeOf(constant) <= largestMaskConstant;
      if (value === "attention_mask") return (hasMask = true);
      const maker = this.#makers.get(value);
      if (maker === undefined || !maskOperators.has(maker.opType!)) return false;
      return maker.opType === "Shape" || maker.input!.every(fits);
    };
    return fits(name) && hasMask;
  }

  #number(name: string): number | undefined {
    const tensor = this.#constants.get(name);
    if (tensor === undefined || sizeOf(tensor) !== 1) return undefined;
    if (tensor.dataType !== onnx.TensorProto.DataType.FLOAT) return undefined;
    return tensor.floatData?.[0] ?? dataView(tensor)?.getFloat32(0, true);
  }
}

function sizeOf({ dims }: Tensor): number {
  return (dims ?? []).reduce<number>((product, size) => product * Number(size), 1);
}

function integersOf(tensor: Tensor | undefined): number[] | undefined {
  if (tensor?.dataType !== onnx.TensorProto.DataType.INT64) return undefined;
  if (tensor.int64Data !== undefined && tensor.int64Data !== null && tensor.int64Data.length > 0) {
    return tensor.int64Data.map(Number);
  }
  const view = dataView(tensor);
  if (view === undefined) return undefined;
  return Array.from({ length: view.byteLength / 8 }, (_, i) => Number(view.getBigInt64(8 * i, true)));
}

function dataView({ rawData }: Tensor): DataView | undefined {
  if (!rawData || rawData.byteLength === 0) return undefined;
  return new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
}

/** The operators on which an output of the graph depends, in their order. */
function neededNodes(nodes: readonly Node[], { output }: Graph): Node[] {
  const wanted = new Set(output!.map(({ name }) => name!));
  const kept: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.output!.some((name) => wanted.has(name))) continue;
    kept.push(node);
    for (const name of node.input!) wanted.add(name);
  }
  return kept.toReversed();
}
