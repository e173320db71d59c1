import assert from "node:assert/strict";
import test from "node:test";
import {
  add,
  divide,
  log,
  mean,
  multiply,
  negate,
  relu,
  sqrt,
  subtract,
  sum,
} from "../../../pipeline/onnx-graph/elementwise.ts";
import { Graph, sizeOf, type Value } from "../../../pipeline/onnx-graph/graph.ts";
import { after, reshape, swapFirstAxes } from "../../../pipeline/onnx-graph/layout.ts";
import { layerNorm, softmax } from "../../../pipeline/onnx-graph/normalise.ts";
import { gemm } from "../../../pipeline/onnx-graph/products.ts";
import { gatherRows } from "../../../pipeline/onnx-graph/rows.ts";
import { type Fed, runGraph, wiggle } from "../../support/run-graph.ts";

/** A scalar whose gradient with respect to x differs from element to element. */
function weighted(x: Value): Value {
  const weights = x.graph.constant(x.shape, wiggle(sizeOf(x.shape), 3));
  return sum(multiply(x, weights));
}

/** Compares the gradients of weighted(f(inputs)) with central differences in every element of every input. */
async function checkGradients(
  shapes: Readonly<Record<string, readonly number[]>>,
  f: (values: Readonly<Record<string, Value>>) => Value,
  data: (count: number, seed: number) => number[] = wiggle,
): Promise<void> {
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], index) => [
      name,
      { shape, data: data(sizeOf(shape), index + 1) },
    ]),
  );
  const names = Object.keys(shapes);
  const gradients = await runGraph(inputs, (values) => {
    const loss = weighted(f(values));
    const found = loss.graph.tape.gradients(
      loss,
      names.map((name) => values[name]!),
    );
    return Object.fromEntries(names.map((name, index) => [`d.${name}`, found[index]!]));
  });
  const lossAt = async (moved: Readonly<Record<string, Fed>>) =>
    (await runGraph(moved, (values) => ({ loss: weighted(f(values)) })))["loss"]![0]!;
  const step = 1e-2;
  for (const name of names) {
    const { shape, data } = inputs[name]!;
    for (const [at, value] of data.entries()) {
      const moved = async (by: number) =>
        lossAt({ ...inputs, [name]: { shape, data: data.with(at, value + by) } });
      const slope = ((await moved(step)) - (await moved(-step))) / (2 * step);
      const gradient = gradients[`d.${name}`]![at]!;
      assert.ok(
        Math.abs(gradient - slope) < 2e-3 * Math.max(1, Math.abs(slope)),
        `d loss / d ${name}[${at}]: ${gradient}, by differences ${slope}`,
      );
    }
  }
}

/** Away from 0, where roots, logarithms and divisions would be steep. */
const positive = (count: number, seed: number) => wiggle(count, seed).map((x) => 1.5 + Math.abs(x));

await test("worked by hand: d (a b + a) / d a = b + 1, d / d b = a", async () => {
  const found = await runGraph({ a: { shape: [], data: [3] }, b: { shape: [], data: [5] } }, ({ a, b }) => {
    const loss = add(multiply(a!, b!), a!);
    const [da, db] = loss.graph.tape.gradients(loss, [a!, b!]) as [Value, Value];
    return { loss, da, db };
  });
  assert.deepEqual(found, { loss: [18], da: [6], db: [3] });
});

await test("every operator's gradient equals central differences", async (t) => {
  const row = [2, 3];
  await t.test("add and subtract, broadcast", () =>
    checkGradients({ a: row, b: [3], c: [2, 1] }, ({ a, b, c }) => subtract(add(a!, b!), c!)),
  );
  await t.test("multiply, broadcast", () =>
    checkGradients({ a: row, b: [2, 1], c: [] }, ({ a, b, c }) => multiply(multiply(a!, b!), c!)),
  );
  await t.test("divide", () => checkGradients({ a: row, b: [3] }, ({ a, b }) => divide(a!, b!), positive));
  await t.test("negate, sqrt and log", () =>
    checkGradients({ a: row, b: row }, ({ a, b }) => subtract(sqrt(a!), negate(log(b!))), positive),
  );
  await t.test("relu", () => checkGradients({ a: [3, 4] }, ({ a }) => relu(a!)));
  await t.test("sum and mean over an axis and over all", () =>
    checkGradients({ a: row, b: row, c: row, d: row }, ({ a, b, c, d }) =>
      add(add(sum(a!, 1), mean(b!, 0)), multiply(sum(c!), mean(d!))),
    ),
  );
  for (const transA of [false, true]) {
    for (const transB of [false, true]) {
      await t.test(`gemm, transA ${transA}, transB ${transB}`, () =>
        checkGradients(
          { a: transA ? [4, 2] : [2, 4], b: transB ? [3, 4] : [4, 3], c: [2, 3] },
          ({ a, b, c }) => gemm(a!, b!, { transA, transB, alpha: 0.5, beta: -2, c }),
        ),
      );
    }
  }
  await t.test("gemm, a transposed once for two products", () =>
    checkGradients({ a: [2, 4], b: [4, 3], c: [4, 3] }, ({ a, b, c }) =>
      add(
        gemm(a!, b!, { transposesOnce: true, alpha: 0.5 }),
        gemm(a!, c!, { transposesOnce: true, alpha: -2 }),
      ),
    ),
  );
  await t.test("softmax", () => checkGradients({ a: [2, 4] }, ({ a }) => softmax(a!)));
  await t.test("layerNorm", () => checkGradients({ a: [2, 5] }, ({ a }) => layerNorm(a!)));
  await t.test("reshape, swapFirstAxes and after", () =>
    checkGradients({ a: [2, 3, 2] }, ({ a }) =>
      after(reshape(swapFirstAxes(a!), [2, 6]), a!.graph.constant([3, 5], wiggle(15))),
    ),
  );
  await t.test("gatherRows, one row twice", () =>
    checkGradients({ a: [4, 2] }, ({ a }) => gatherRows(a!, a!.graph.constant([3], [2, 0, 2], "int64"))),
  );
  await t.test("a value used several times gets every contribution", () =>
    checkGradients({ a: [2, 2] }, ({ a }) => {
      const squared = gemm(a!, a!);
      return add(
        gemm(squared, a!, { transB: true }),
        add(squared, gatherRows(a!, a!.graph.constant([2], [1, 1], "int64"))),
      );
    }),
  );
});

await test("what no output needs is not in the model, and outputs nobody reads are left unnamed", () => {
  const graph = new Graph();
  const a = graph.input("a", [2, 3]);
  const kept = relu(a);
  const without = graph.encode("test", { y: kept });
  layerNorm(kept);
  softmax(a);
  assert.deepEqual(graph.encode("test", { y: kept }), without);
});

await test("an output that is an input, or another output too, is a copy", async () => {
  const found = await runGraph({ a: { shape: [2], data: [1, 2] } }, ({ a }) => {
    const b = negate(a!);
    return { a2: a!, b, b2: b };
  });
  assert.deepEqual(found, { a2: [1, 2], b: [-1, -2], b2: [-1, -2] });
});

await test("mistakes are named where they are made", () => {
  const graph = new Graph();
  const a = graph.input("a", [2, 3]);
  assert.throws(() => gemm(a, a), /gemm: \[2, 3\] \. \[2, 3\]/);
  assert.throws(() => add(a, graph.input("b", [2])), /\[2, 3\] and \[2\] do not broadcast/);
  assert.throws(() => reshape(a, [4]), /reshape: \[2, 3\] to \[4\]/);
  assert.throws(() => graph.tape.gradients(a, [a]), /loss has shape \[2, 3\]/);
  assert.throws(() => graph.tape.gradients(sum(a), [graph.input("c", [1])]), /does not depend on c/);
  assert.throws(() => add(a, new Graph().input("d", [3])), /d is of another graph/);
  assert.throws(() => graph.constant([2], [1]), /does not hold 1 values/);
});
