import { multiply, negate } from "../../onnx-graph/elementwise.ts";
import { Graph } from "../../onnx-graph/graph.ts";
import { reshape } from "../../onnx-graph/layout.ts";
import { gemm } from "../../onnx-graph/products.ts";
import { columnOf, chunkRowsOf, splitRows } from "./cross-entropy.ts";
import { forward, type ModelShape, parametersOf } from "./model.ts";

/**
 * Inputs: `tokens` and `targets`, int64 [contextTokens * batch], time-major; `mask`, 1 or 0 for each; `theta.p` for every
 * parameter p.
 * Output: `nats` [contextTokens * batch], -ln p of each target that the mask keeps, 0 elsewhere.
 */
export function evaluationStep(shape: ModelShape, batch: number): Uint8Array {
  const graph = new Graph();
  const rows = shape.contextTokens * batch;
  const tokens = graph.input("tokens", [rows], "int64");
  const targets = graph.input("targets", [rows], "int64");
  const mask = graph.input("mask", [rows]);
  const parameters = new Map(
    parametersOf(shape).map(({ name, shape }) => [name, graph.input(`theta.${name}`, shape)]),
  );
  const hidden = forward(shape, batch, tokens, parameters);
  const parts = splitRows(hidden, targets, chunkRowsOf(shape.vocabulary)).map((chunk) => {
    const logits = gemm(chunk.hidden, parameters.get("embedding")!, { transB: true });
    // Its own operator: the logarithm of a softmax would lose probabilities below the smallest float.
    const logP = graph.apply("LogSoftmax", [logits], logits.shape, { axis: -1 });
    return graph.apply("GatherElements", [logP, columnOf(chunk.targets)], [chunk.rows, 1], { axis: 1 });
  });
  const logP = graph.apply("Concat", parts, [rows, 1], { axis: 0 });
  return graph.encode("evaluation", { nats: multiply(negate(reshape(logP, [rows])), mask) });
}
