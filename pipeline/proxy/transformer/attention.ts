import { adding, add, multiply, subtract, sum } from "../../onnx-graph/elementwise.ts";
import type { Value } from "../../onnx-graph/graph.ts";
import { reshape, swapFirstAxes } from "../../onnx-graph/layout.ts";
import { type Stack, stackedProduct } from "../../onnx-graph/products.ts";

export interface AttentionShape {
  readonly contextTokens: number;
  readonly batch: number;
  readonly heads: number;
}

/** Queries start to end, which see keys 0 to end. */
interface QueryBlock {
  readonly start: number;
  readonly end: number;
}

/**
 * The first half of the context sees nothing of the second: a quarter of all scores need not be made. Further blocks
 * would lose more to small products and copies than they save.
 */
function queryBlocks(contextTokens: number): QueryBlock[] {
  const half = Math.ceil(contextTokens / 2);
  return [
    { start: 0, end: half },
    { start: half, end: contextTokens },
  ].filter(({ start, end }) => end > start);
}

/** Scores that are made for each sequence and head, masked ones included. */
export function scoresMade(contextTokens: number): number {
  return queryBlocks(contextTokens).reduce((sum, { start, end }) => sum + (end - start) * end, 0);
}

/**
 * Causal multi-head attention, softmax(q k^T / sqrt(head width)) v.
 *
 * Rows are time-major, (t, b) at t * batch + b, so that [contextTokens, batch * heads, headWidth] is the same memory:
 * the heads of all sequences are a stack of matrices that lies inside, and only products, not their factors, are ever
 * transposed. A block of queries is a block of rows.
 *
 * The gradient is written out, for the sake of one shortcut (Dao et al. 2022, arXiv 2205.14135): the row sums
 * of dp * p equal those of do * o, which has headWidth columns instead of contextTokens.
 *
 * @param q, k, v [contextTokens * batch, width]
 */
export function causalAttention(q: Value, k: Value, v: Value, shape: AttentionShape): Value {
  const { contextTokens, batch, heads } = shape;
  const { graph } = q;
  const width = q.shape[1]!;
  const alpha = 1 / Math.sqrt(width / heads);
  const stack = (value: Value) => reshape(value, [contextTokens, batch * heads, width / heads]);

  const [queries, keys, values] = [stack(q), stack(k), stack(v)];
  const blocks = queryBlocks(contextTokens).map(({ start, end }) => {
    const seen = { q: tokensOf(queries, start, end), k: tokensOf(keys, 0, end), v: tokensOf(values, 0, end) };
    const scores = stackedProduct(inside(seen.q), insideTransposed(seen.k), alpha);
    const masked = add(scores, causalMask(q, { start, end }));
    return { start, end, ...seen, p: graph.apply("Softmax", [masked], scores.shape, { axis: -1 }) };
  });
  /** Of products [batch * heads, tokens, headWidth] of the blocks' queries. */
  const unstack = (products: Value[]) => reshape(swapFirstAxes(joinTokens(products)), q.shape);
  /** The sum of products [batch * heads, headWidth, tokens] of the keys that each block sees. */
  const unstackTransposed = (products: Value[]) =>
    products
      .map((product) => swapFirstAxes(reshape(product, [batch * width, product.shape[2]!])))
      .map((product) => padRows(reshape(product, [product.shape[0]! * batch, width]), q.shape))
      .reduce(add);
  const output = unstack(blocks.map(({ p, v }) => stackedProduct({ value: p }, inside(v))));

  return graph.tape.record(output, [q, k, v], (gradient) => {
    const gradients = stack(gradient);
    const rowSums = sum(multiply(gradients, stack(output)), 2);
    const changes = blocks.map((block) => {
      const { start, end, v, p } = block;
      const dOutput = tokensOf(gradients, start, end);
      const dp = stackedProduct(inside(dOutput), insideTransposed(v));
      const ds = multiply(p, subtract(dp, swapFirstAxes(tokensOf(rowSums, start, end))));
      return { ...block, dOutput, ds };
    });
    // Sums over queries, as [headWidth, tokens]: a product that reads ds or p by columns takes twice as long.
    const dk = () => changes.map(({ q, ds }) => stackedProduct(insideTransposed(q), { value: ds }, alpha));
    const dv = () => changes.map(({ dOutput, p }) => stackedProduct(insideTransposed(dOutput), { value: p }));
    return [
      adding(() => unstack(changes.map(({ ds, k }) => stackedProduct({ value: ds }, inside(k), alpha)))),
      adding(() => unstackTransposed(dk())),
      adding(() => unstackTransposed(dv())),
    ];
  });
}

const inside = (value: Value): Stack => ({ value, stackInside: true });
const insideTransposed = (value: Value): Stack => ({ value, stackInside: true, transposed: true });

/** Tokens start to end of a value [tokens, ...]. This and what follows is not differentiable by itself. */
function tokensOf(value: Value, start: number, end: number): Value {
  const { graph, shape } = value;
  if (end - start === shape[0]) return value;
  const at = (index: number) => graph.constant([1], [index], "int64");
  return graph.apply("Slice", [value, at(start), at(end), at(0)], shape.with(0, end - start));
}

/** Values [stack, tokens, columns], end to end. */
function joinTokens(parts: readonly Value[]): Value {
  const [first] = parts as [Value];
  const tokens = parts.reduce((total, { shape }) => total + shape[1]!, 0);
  if (parts.length === 1) return first;
  return first.graph.apply("Concat", parts, first.shape.with(1, tokens), { axis: 1 });
}

/** Zeros as further rows. */
function padRows(matrix: Value, shape: readonly number[]): Value {
  const { graph } = matrix;
  const missing = shape[0]! - matrix.shape[0]!;
  if (missing === 0) return matrix;
  return graph.apply("Pad", [matrix, graph.constant([4], [0, 0, missing, 0], "int64")], shape);
}

/** 0 where a position may look, minus infinity (nearly) at those after it. */
function causalMask({ graph }: Value, { start, end }: QueryBlock): Value {
  const mask = Array.from({ length: (end - start) * end }, (_, at) =>
    at % end > start + Math.floor(at / end) ? -1e30 : 0,
  );
  return graph.constant([end - start, end], mask);
}
