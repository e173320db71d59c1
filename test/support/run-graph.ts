import type { Tensor } from "onnxruntime-node";
import { Graph, type Value } from "../../pipeline/onnx-graph/graph.ts";
import { openModel, tensorOver } from "../../pipeline/onnx-graph/open-model.ts";

export interface Fed {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Build a graph of float inputs, run it, and return its outputs as plain numbers. */
export async function runGraph(
  inputs: Readonly<Record<string, Fed>>,
  build: (values: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>>,
): Promise<Record<string, number[]>> {
  const graph = new Graph();
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [name, graph.input(name, shape)]),
  );
  return runModel(graph.encode("test", build(values)), inputs);
}

/** Run a model once on float inputs, and on int64 ones where `rows` names them. */
export async function runModel(
  bytes: Uint8Array,
  inputs: Readonly<Record<string, Fed>>,
  rows: Readonly<Record<string, readonly number[]>> = {},
): Promise<Record<string, number[]>> {
  const model = await openModel(bytes);
  const feeds: Record<string, Tensor> = {};
  for (const [name, { shape, data }] of Object.entries(inputs)) {
    feeds[name] = await tensorOver(Float32Array.from(data), shape);
  }
  for (const [name, data] of Object.entries(rows)) {
    feeds[name] = await tensorOver(
      BigInt64Array.from(data, (row) => BigInt(row)),
      [data.length],
    );
  }
  const outputs = await model.run(feeds);
  const plain = Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
  );
  await model.close();
  return plain;
}

/** Numbers between -1 and 1 without a pattern. */
export function wiggle(count: number, seed = 1): number[] {
  return Array.from({ length: count }, (_, i) => Math.sin((i + 1) ** 2 * 12.9898 * seed + seed));
}
