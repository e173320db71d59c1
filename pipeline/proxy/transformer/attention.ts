import { adding, add, multiply, subtract, sum } from "../../onnx-graph/elementwise.ts";
import type { Value } from "../../onnx-graph/graph.ts";
import { reshape, swapFirstAxes } from "../../onnx-graph/layout.ts";
import { stackedProduct } from "../../onnx-graph/products.ts";

export interface AttentionShape {
  readonly contextTokens: number;
  readonly batch: number;
  readonly heads: number;
}

/**
 * Causal multi-head attention, softmax(q k^T / sqrt(head width)) v.
 *
 * Rows are time-major, (t, b) at t * batch + b, so that [contextTokens, batch * heads, headWidth] is the same memory:
 * the heads of all sequences are a stack of matrices that lies inside, and only products, not their factors, are ever
 * transposed.
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
  const stacked = [contextTokens, batch * heads, width / heads];
  const alpha = 1 / Math.sqrt(width / heads);
  const stack = (value: Value) => reshape(value, stacked);
  const unstack = (value: Value) => reshape(swapFirstAxes(value), q.shape);
  const unstackTransposed = (value: Value) =>
    reshape(swapFirstAxes(reshape(value, [batch * width, contextTokens])), q.shape);

  const [queries, keys, values] = [stack(q), stack(k), stack(v)];
  const scores = stackedProduct(
    { value: queries, stackInside: true },
    { value: keys, stackInside: true, transposed: true },
    alpha,
  );
  const p = graph.apply("Softmax", [add(scores, causalMask(q, contextTokens))], scores.shape, { axis: -1 });
  const output = unstack(stackedProduct({ value: p }, { value: values, stackInside: true }));

  return graph.tape.record(output, [q, k, v], (gradient) => {
    const gradients = stack(gradient);
    const dp = stackedProduct(
      { value: gradients, stackInside: true },
      { value: values, stackInside: true, transposed: true },
    );
    const rowSums = swapFirstAxes(sum(multiply(gradients, stack(output)), 2));
    const ds = multiply(p, subtract(dp, rowSums));
    return [
      adding(() => unstack(stackedProduct({ value: ds }, { value: keys, stackInside: true }, alpha))),
      // Sums over queries, as [headWidth, contextTokens]: a product that reads ds or p by columns takes twice as long.
      adding(() =>
        unstackTransposed(
          stackedProduct({ value: queries, stackInside: true, transposed: true }, { value: ds }, alpha),
        ),
      ),
      adding(() =>
        unstackTransposed(
          stackedProduct({ value: gradients, stackInside: true, transposed: true }, { value: p }),
        ),
      ),
    ];
  });
}

/** 0 where a position may look, minus infinity (nearly) at those after it. */
function causalMask({ graph }: Value, contextTokens: number): Value {
  const mask = Array.from({ length: contextTokens ** 2 }, (_, at) =>
    at % contextTokens > Math.floor(at / contextTokens) ? -1e30 : 0,
  );
  return graph.constant([contextTokens, contextTokens], mask);
}
