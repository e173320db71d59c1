/** Matrix products. Transposing is an argument of the product: a Transpose of its own would copy the matrix. */
import { microsoft } from "../core/onnx-model.ts";
import type { Value } from "./graph.ts";
import { adding, multiply } from "./elementwise.ts";
import { swapFirstAxes } from "./layout.ts";

interface GemmOptions {
  /** Read a as [k, m] instead of [m, k]. */
  transA?: boolean;
  /** Read b as [n, k] instead of [k, n]. */
  transB?: boolean;
  alpha?: number;
  beta?: number;
  /** Added to the product, [m, n]: cheaper than an Add. */
  c?: Value | undefined;
  /**
   * Transpose a for b's gradient, once for all products of a: a product that reads its first factor by columns does it
   * anew for every 128 columns of the second.
   */
  transposesOnce?: boolean;
}

/** alpha * a . b + beta * c for matrices a [m, k] and b [k, n]. */
export function gemm(a: Value, b: Value, options: GemmOptions = {}): Value {
  const { transA = false, transB = false, alpha = 1, beta = 1, c, transposesOnce = false } = options;
  const [m, k] = matrix(a, transA);
  const [inner, n] = matrix(b, transB);
  if (k !== inner) throw new RangeError(`gemm: [${m}, ${k}] . [${inner}, ${n}]`);
  const attributes = {
    alpha: { float: alpha },
    beta: { float: beta },
    transA: Number(transA),
    transB: Number(transB),
  };
  const inputs = c === undefined ? [a, b] : [a, b, c];
  const product = a.graph.apply("Gemm", inputs, [m, n], attributes);
  return a.graph.tape.record(product, inputs, (gradient) => [
    // The gradient of a factor is a product too, and a product can add onto the sum so far by itself.
    (soFar) =>
      transA
        ? gemm(b, gradient, { transA: transB, transB: true, alpha, c: soFar })
        : gemm(gradient, b, { transB: !transB, alpha, c: soFar }),
    (soFar) =>
      transB
        ? gemm(gradient, a, { transA: true, transB: transA, alpha, c: soFar })
        : transposesOnce && !transA
          ? gemm(transposed(a), gradient, { alpha, c: soFar })
          : gemm(a, gradient, { transA: !transA, alpha, c: soFar }),
    adding(() => (beta === 1 ? gradient : multiply(gradient, a.graph.scalar(beta)))),
  ]);
}

const transposes = new WeakMap<Value, Value>();

function transposed(a: Value): Value {
  const known = transposes.get(a) ?? swapFirstAxes(a);
  transposes.set(a, known);
  return known;
}

function matrix({ name, shape }: Value, transposed: boolean): [number, number] {
  if (shape.length !== 2) throw new RangeError(`gemm: ${name} [${shape.join(", ")}] should be a matrix`);
  return transposed ? [shape[1]!, shape[0]!] : [shape[0]!, shape[1]!];
}

/** How a stack of matrices lies in memory: the stack's axis first, or in the middle ([rows, stack, columns]). */
export interface Stack {
  readonly value: Value;
  readonly stackInside?: boolean;
  readonly transposed?: boolean;
}

/**
 * alpha * a_i . b_i for every i of two stacks of matrices, as [stack, m, n]. onnxruntime's FusedMatMul, which reads a
 * stack that lies inside without copying it. Not differentiable by itself: attention, its one user, has a gradient of
 * its own.
 */
export function stackedProduct(a: Stack, b: Stack, alpha = 1): Value {
  const [stack, m, k] = stackShape(a);
  const [other, inner, n] = stackShape(b);
  if (stack !== other || k !== inner) {
    throw new RangeError(`stackedProduct: ${stack} x [${m}, ${k}] . ${other} x [${inner}, ${n}]`);
  }
  return a.value.graph.apply(
    "FusedMatMul",
    [a.value, b.value],
    [stack, m, n],
    {
      alpha: { float: alpha },
      transA: Number(a.transposed ?? false),
      transB: Number(b.transposed ?? false),
      transBatchA: Number(a.stackInside ?? false),
      transBatchB: Number(b.stackInside ?? false),
    },
    microsoft,
  );
}

function stackShape({
  value: { shape },
  stackInside = false,
  transposed = false,
}: Stack): [number, number, number] {
  const [first, second, third] = shape as [number, number, number];
  const [stack, rows] = stackInside ? [second, first] : [first, second];
  return transposed ? [stack, third, rows] : [stack, rows, third];
}
