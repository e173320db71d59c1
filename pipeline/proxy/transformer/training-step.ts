/** The whole training step as one ONNX graph: forward, backward, clipping and AdamW. */
import { add, divide, multiply, sqrt, subtract, sum } from "../../onnx-graph/elementwise.ts";
import { Graph, type Value } from "../../onnx-graph/graph.ts";
import { crossEntropy } from "./cross-entropy.ts";
import { forward, type ModelShape, parametersOf } from "./model.ts";

export interface OptimizerShape {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Largest norm of the whole gradient. */
  readonly clipNorm: number;
}

/** Parameters and both of AdamW's moments. */
export const stateParts = ["theta", "m", "v"] as const;

/** What training carries from step to step: flat vectors in the order of `parametersOf`, fed as one tensor per matrix. */
export type TrainingState = Readonly<Record<(typeof stateParts)[number], Float32Array>>;

/**
 * Inputs: `tokens` and `targets`, int64 [contextTokens * batch], time-major; `learningRate`, `correction1` and
 * `correction2` (1 - beta^step), scalars; for every parameter p `theta.p`, `m.p` and `v.p`.
 * Outputs: `loss` in nats per token, `gradientNorm` before clipping, and the new state as `next.theta.p` and so on.
 */
export function trainingStep(shape: ModelShape, batch: number, optimizer: OptimizerShape): Uint8Array {
  const graph = new Graph();
  const { loss, parameters, gradients } = lossAndGradients(graph, shape, batch);
  const squares = gradients.map((gradient) => multiply(gradient, gradient));
  const norm = sqrt(squares.map((square) => sum(square)).reduceRight(add));
  const outputs: Record<string, Value> = { loss, gradientNorm: norm };

  const one = graph.scalar(1);
  const limit = divide(graph.scalar(optimizer.clipNorm), add(norm, graph.scalar(1e-6)));
  const clip = graph.apply("Min", [one, limit], []);
  const rates = {
    // The clipped gradient and its square, times what they count for in the moments.
    gradientShare: multiply(clip, graph.scalar(1 - optimizer.beta1)),
    squareShare: multiply(multiply(clip, clip), graph.scalar(1 - optimizer.beta2)),
    learningRate: graph.input("learningRate", []),
    correction1: graph.input("correction1", []),
    correction2: graph.input("correction2", []),
  };
  for (const [index, { name, shape: dims }] of parametersOf(shape).entries()) {
    const next = adamW(optimizer, rates, {
      theta: parameters.get(name)!,
      m: graph.input(`m.${name}`, dims),
      v: graph.input(`v.${name}`, dims),
      gradient: gradients[index]!,
      square: squares[index]!,
    });
    for (const part of stateParts) outputs[`next.${part}.${name}`] = next[part];
  }
  return graph.encode("training-step", outputs);
}

/** The same loss with the gradients themselves as outputs `gradient.p`: what tests look at. */
export function gradientStep(shape: ModelShape, batch: number): Uint8Array {
  const graph = new Graph();
  const { loss, gradients } = lossAndGradients(graph, shape, batch);
  const named = parametersOf(shape).map(
    ({ name }, index) => [`gradient.${name}`, gradients[index]!] as const,
  );
  return graph.encode("gradients", { loss, ...Object.fromEntries(named) });
}

function lossAndGradients(graph: Graph, shape: ModelShape, batch: number) {
  const rows = shape.contextTokens * batch;
  const tokens = graph.input("tokens", [rows], "int64");
  const targets = graph.input("targets", [rows], "int64");
  const parameters = new Map(
    parametersOf(shape).map(({ name, shape }) => [name, graph.input(`theta.${name}`, shape)]),
  );
  const hidden = forward(shape, batch, tokens, parameters);
  const loss = crossEntropy(hidden, parameters.get("embedding")!, targets);
  return { loss, parameters, gradients: graph.tape.gradients(loss, [...parameters.values()]) };
}

type Rate = "gradientShare" | "squareShare" | "learningRate" | "correction1" | "correction2";

/** AdamW (Loshchilov and Hutter 2019), as PyTorch computes it. Weight decay spares nothing: there are only matrices. */
function adamW(
  { beta1, beta2, epsilon, weightDecay }: OptimizerShape,
  { gradientShare, squareShare, learningRate, correction1, correction2 }: Readonly<Record<Rate, Value>>,
  { theta, m, v, gradient, square }: Record<"theta" | "m" | "v" | "gradient" | "square", Value>,
): Record<(typeof stateParts)[number], Value> {
  const { graph } = theta;
  const constant = (value: number) => graph.scalar(value);
  const m2 = add(multiply(m, constant(beta1)), multiply(gradient, gradientShare));
  const v2 = add(multiply(v, constant(beta2)), multiply(square, squareShare));
  // lr (m / c1) / (sqrt(v / c2) + e) = m (lr sqrt(c2) / c1) / (sqrt(v) + e sqrt(c2)): the scalars are worked out once.
  const root2 = sqrt(correction2);
  const stepSize = divide(multiply(learningRate, root2), correction1);
  const step = divide(m2, add(sqrt(v2), multiply(constant(epsilon), root2)));
  const kept = subtract(constant(1), multiply(learningRate, constant(weightDecay)));
  return { theta: subtract(multiply(theta, kept), multiply(step, stepSize)), m: m2, v: v2 };
}
