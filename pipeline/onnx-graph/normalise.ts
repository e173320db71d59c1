/** Normalisation along the last axis. */
import { adding, mean, multiply, subtract, sum } from "./elementwise.ts";
import type { Value } from "./graph.ts";

/** exp(x) over its sum along the last axis. */
export function softmax(x: Value): Value {
  const p = x.graph.apply("Softmax", [x], x.shape, { axis: -1 });
  return x.graph.tape.record(p, [x], (gradient) => [
    adding(() => multiply(p, subtract(gradient, sum(multiply(gradient, p), x.shape.length - 1)))),
  ]);
}

/**
 * Mean 0 and variance 1 along the last axis, without learned scale and shift (as in OLMo, arXiv 2402.00838): the linear
 * layer that follows can learn both.
 */
export function layerNorm(x: Value): Value {
  const axis = x.shape.length - 1;
  const width = x.shape[axis]!;
  const ones = x.graph.constant(
    [width],
    Array.from({ length: width }, () => 1),
  );
  const column = x.shape.with(axis, 1);
  const [y, , inverseDeviation] = x.graph.applyMany(
    "LayerNormalization",
    [x, ones],
    [x.shape, column, column],
    { axis: -1, epsilon: { float: layerNormEpsilon } },
  ) as [Value, Value, Value];
  return x.graph.tape.record(y, [x], (gradient) => [
    adding(() => {
      // dx = (g - mean(g) - y mean(g y)) / deviation
      const along = multiply(y, mean(multiply(gradient, y), axis));
      return multiply(subtract(subtract(gradient, mean(gradient, axis)), along), inverseDeviation);
    }),
  ]);
}

/** Added to the variance; PyTorch's default. */
const layerNormEpsilon = 1e-5;
