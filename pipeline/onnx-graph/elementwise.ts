/** Operators that treat every element alike; shapes broadcast as in NumPy, gradients are summed back. */
import type { Value } from "./graph.ts";
import type { Contribution } from "./tape.ts";

export function add(a: Value, b: Value): Value {
  return binary("Add", a, b, (gradient) => [
    adding(() => sumTo(gradient, a.shape)),
    adding(() => sumTo(gradient, b.shape)),
  ]);
}

export function subtract(a: Value, b: Value): Value {
  return binary("Sub", a, b, (gradient) => [
    adding(() => sumTo(gradient, a.shape)),
    adding(() => sumTo(negate(gradient), b.shape)),
  ]);
}

export function multiply(a: Value, b: Value): Value {
  return binary("Mul", a, b, (gradient) => [
    adding(() => sumTo(multiply(gradient, b), a.shape)),
    adding(() => sumTo(multiply(gradient, a), b.shape)),
  ]);
}

export function divide(a: Value, b: Value): Value {
  const quotient: Value = binary("Div", a, b, (gradient) => [
    adding(() => sumTo(divide(gradient, b), a.shape)),
    adding(() => sumTo(negate(divide(multiply(gradient, quotient), b)), b.shape)),
  ]);
  return quotient;
}

export function negate(x: Value): Value {
  return unary("Neg", x, (gradient) => negate(gradient));
}

export function sqrt(x: Value): Value {
  const root: Value = unary("Sqrt", x, (gradient) => divide(gradient, multiply(root, x.graph.scalar(2))));
  return root;
}

export function log(x: Value): Value {
  return unary("Log", x, (gradient) => divide(gradient, x));
}

/** max(x, 0); the gradient at 0 is 0. */
export function relu(x: Value): Value {
  const positive = x.graph.apply("Relu", [x], x.shape);
  return x.graph.tape.record(positive, [x], (gradient) => {
    // 1 where positive, 0 elsewhere: min(1, huge * positive), which onnxruntime computes thrice as fast as Sign.
    const slope = x.graph.apply("HardSigmoid", [positive], x.shape, {
      alpha: { float: 3e38 },
      beta: { float: 0 },
    });
    return [adding(() => multiply(gradient, slope))];
  });
}

/** A contribution that is added with an Add. */
export function adding(gradient: () => Value): Contribution {
  return (soFar) => (soFar === undefined ? gradient() : add(soFar, gradient()));
}

/** Sum over an axis, or over everything; a summed axis is kept with size 1, the sum of everything is a scalar. */
export function sum(x: Value, axis?: number): Value {
  return reduce("ReduceSum", x, axis, (gradient) => spread(gradient, x.shape));
}

/** Mean over an axis, or over everything. */
export function mean(x: Value, axis?: number): Value {
  const count = axis === undefined ? x.shape.reduce((product, size) => product * size, 1) : x.shape[axis]!;
  return reduce("ReduceMean", x, axis, (gradient) =>
    spread(multiply(gradient, x.graph.scalar(1 / count)), x.shape),
  );
}

function reduce(op: string, x: Value, axis: number | undefined, pull: (gradient: Value) => Value): Value {
  const shape = axis === undefined ? [] : x.shape.with(axis, 1);
  const keepdims = axis === undefined ? 0 : 1;
  const { graph } = x;
  // Of the two, only ReduceSum takes its axes as an input in opset 17.
  const reduced =
    axis === undefined
      ? graph.apply(op, [x], shape, { keepdims })
      : op === "ReduceSum"
        ? graph.apply(op, [x, graph.constant([1], [axis], "int64")], shape, { keepdims })
        : graph.apply(op, [x], shape, { keepdims, axes: [axis] });
  return graph.tape.record(reduced, [x], (gradient) => [adding(() => pull(gradient))]);
}

/** Repeat along axes of size 1. */
function spread(x: Value, shape: readonly number[]): Value {
  const sizes = x.graph.constant([shape.length], shape, "int64");
  const wide = x.graph.apply("Expand", [x, sizes], shape);
  return x.graph.tape.record(wide, [x], (gradient) => [adding(() => sumTo(gradient, x.shape))]);
}

function unary(op: string, x: Value, pull: (gradient: Value) => Value): Value {
  const output = x.graph.apply(op, [x], x.shape);
  return x.graph.tape.record(output, [x], (gradient) => [adding(() => pull(gradient))]);
}

function binary(op: string, a: Value, b: Value, pull: (gradient: Value) => Contribution[]): Value {
  return a.graph.tape.record(a.graph.apply(op, [a, b], broadcastShape(a, b)), [a, b], pull);
}

function broadcastShape(a: Value, b: Value): number[] {
  const rank = Math.max(a.shape.length, b.shape.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a.shape[axis - rank + a.shape.length] ?? 1;
    const right = b.shape[axis - rank + b.shape.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new RangeError(`[${a.shape.join(", ")}] and [${b.shape.join(", ")}] do not broadcast`);
    }
    return Math.max(left, right);
  });
}

/** Sum a broadcast result back to the shape it was broadcast from. */
function sumTo(x: Value, shape: readonly number[]): Value {
  const { graph } = x;
  const added = x.shape.length - shape.length;
  const axes = x.shape.flatMap((size, axis) =>
    axis < added || (size !== 1 && shape[axis - added] === 1) ? [axis] : [],
  );
  if (axes.length === 0) return x;
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const summed = graph.apply("ReduceSum", [x, graph.constant([axes.length], axes, "int64")], kept, {
    keepdims: 1,
  });
  return added === 0
    ? summed
    : graph.apply("Reshape", [summed, graph.constant([shape.length], shape, "int64")], shape);
}
