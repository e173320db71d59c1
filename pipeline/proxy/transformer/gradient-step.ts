/** Forward and backward pass as one ONNX graph. */
import { Graph } from "../../onnx-graph/graph.ts";
import { crossEntropy } from "./cross-entropy.ts";
import { forward, type ModelShape, parametersOf } from "./model.ts";

/**
 * Inputs: `tokens` and `targets`, int64 [contextTokens * batch], time-major; `theta.p` for every parameter p.
 * Outputs: `loss` in nats per token, and `gradient.p` for every parameter p.
 */
export function gradientStep(shape: ModelShape, batch: number): Uint8Array {
  const graph = new Graph();
  const rows = shape.contextTokens * batch;
  const tokens = graph.input("tokens", [rows], "int64");
  const targets = graph.input("targets", [rows], "int64");
  const parameters = new Map(
    parametersOf(shape).map(({ name, shape }) => [name, graph.input(`theta.${name}`, shape)]),
  );
  const hidden = forward(shape, batch, tokens, parameters);
  const loss = crossEntropy(hidden, parameters.get("embedding")!, targets);
  const gradients = graph.tape.gradients(loss, [...parameters.values()]);
  const named = [...parameters.keys()].map((name, index) => [`gradient.${name}`, gradients[index]!] as const);
  return graph.encode("gradient-step", { loss, ...Object.fromEntries(named) });
}
