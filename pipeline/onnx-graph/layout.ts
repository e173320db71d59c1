/** The same numbers in another shape or order. */
import { adding } from "./elementwise.ts";
import { sizeOf, type Value } from "./graph.ts";

/** The same numbers in the same order; free of cost. */
export function reshape(x: Value, shape: readonly number[]): Value {
  if (sizeOf(shape) !== sizeOf(x.shape)) {
    throw new RangeError(`reshape: [${x.shape.join(", ")}] to [${shape.join(", ")}]`);
  }
  const sizes = x.graph.constant([shape.length], shape, "int64");
  const output = x.graph.apply("Reshape", [x, sizes], shape);
  return x.graph.tape.record(output, [x], (gradient) => [adding(() => reshape(gradient, x.shape))]);
}

/** Swap the first two axes. */
export function swapFirstAxes(x: Value): Value {
  const [first, second, ...rest] = x.shape as [number, number, ...number[]];
  const perm = x.shape.map((_, axis) => (axis === 0 ? 1 : axis === 1 ? 0 : axis));
  const output = x.graph.apply("Transpose", [x], [second, first, ...rest], { perm });
  return x.graph.tape.record(output, [x], (gradient) => [adding(() => swapFirstAxes(gradient))]);
}

/**
 * `x`, but not computed before `earlier` is. ONNX has no edges that only order, so an empty slice of `earlier` is
 * appended to `x`: a copy, worth it where it lets a large tensor be used while it is still in cache.
 *
 * @param x [rows, ...rest]
 * @param earlier of the same number of axes
 */
export function after(x: Value, earlier: Value): Value {
  const { graph } = x;
  const zero = graph.constant([1], [0], "int64");
  const empty = x.shape.with(0, 0);
  const nothing = graph.apply(
    "Reshape",
    [
      graph.apply("Slice", [earlier, zero, zero, zero], earlier.shape.with(0, 0)),
      graph.constant([empty.length], empty, "int64"),
    ],
    empty,
  );
  const output = graph.apply("Concat", [x, nothing], x.shape, { axis: 0 });
  return graph.tape.record(output, [x], (gradient) => [adding(() => gradient)]);
}
