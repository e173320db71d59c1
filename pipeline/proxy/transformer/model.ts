/**
 * A decoder-only transformer: normalised embedding, pre-normalised layers (LayerNorm without parameters, no biases), ReLU
 * feed-forward of four times the width, output layer tied to the embedding, positions learned or rotary.
 */
import { add, relu } from "../../onnx-graph/elementwise.ts";
import { sizeOf, type Value } from "../../onnx-graph/graph.ts";
import { reshape } from "../../onnx-graph/layout.ts";
import { layerNorm } from "../../onnx-graph/normalise.ts";
import { gemm } from "../../onnx-graph/products.ts";
import { gatherRows } from "../../onnx-graph/rows.ts";
import type { Random } from "../../math/random.ts";
import { causalAttention, scoresMade } from "./attention.ts";
import { rotate } from "./rotary.ts";

export interface ModelShape {
  readonly vocabulary: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly contextTokens: number;
  readonly positions: "learned" | "rotary";
}

/** One weight matrix, and where it lies in the flat vector of all parameters. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly [number, number];
  readonly offset: number;
  /** Standard deviation of the normal distribution it starts from. */
  readonly deviation: number;
}

const feedForward = 4;

/** The parameters in the order of the flat vector: embedding, positions, then layer by layer. Matrices are [in, out]. */
export function parametersOf({
  vocabulary,
  width,
  layers,
  contextTokens,
  positions,
}: ModelShape): Parameter[] {
  // What is added to the residual stream is scaled down with the number of additions, as in GPT-2.
  const residual = matrixGain / Math.sqrt(2 * layers);
  const wide = feedForward * width;
  const matrices: [name: string, shape: [number, number], deviation: number][] = [
    ["embedding", [vocabulary, width], embeddingGain / Math.sqrt(width)],
  ];
  if (positions === "learned") {
    matrices.push(["positions", [contextTokens, width], embeddingGain / Math.sqrt(width)]);
  }
  for (let layer = 0; layer < layers; layer++) {
    matrices.push(
      [`${layer}.query`, [width, width], matrixGain / Math.sqrt(width)],
      [`${layer}.key`, [width, width], matrixGain / Math.sqrt(width)],
      [`${layer}.value`, [width, width], matrixGain / Math.sqrt(width)],
      [`${layer}.attentionOut`, [width, width], residual / Math.sqrt(width)],
      [`${layer}.up`, [width, wide], matrixGain / Math.sqrt(width)],
      [`${layer}.down`, [wide, width], residual / Math.sqrt(wide)],
    );
  }
  let offset = 0;
  return matrices.map(([name, shape, deviation]) => {
    const parameter = { name, shape, offset, deviation };
    offset += sizeOf(shape);
    return parameter;
  });
}

/**
 * Initial deviations times the square root of the inputs. GPT-2's fixed 0.02 is made for widths of a thousand; narrow
 * proxies that start from it spend much of a short run near the unigram model (README, Decisions). The embedding, which
 * is the output layer too, starts smaller, so that the first loss is that of a guess.
 */
const matrixGain = 0.5;
const embeddingGain = 0.35;

export function parameterCount(shape: ModelShape): number {
  return parametersOf(shape).reduce((total, { shape }) => total + sizeOf(shape), 0);
}

/**
 * Floating-point operations of one training step, a multiply-add counted as two: 6 per token for each parameter of a
 * matrix product (all but the positions; the embedding once, as the output layer), and in each layer 12 * width for each
 * score of a sequence. Backward is twice forward. Masked scores count where they are made.
 */
export function trainingFlops(shape: ModelShape, tokens: number): number {
  const { vocabulary, width, layers, contextTokens } = shape;
  const multiplied = layers * (4 + 2 * feedForward) * width ** 2 + vocabulary * width;
  const scoresPerToken = scoresMade(contextTokens) / contextTokens;
  return tokens * (6 * multiplied + 12 * layers * scoresPerToken * width);
}

/** The flat vector a run starts from. */
export function initialParameters(shape: ModelShape, random: Random): Float32Array {
  const flat = new Float32Array(parameterCount(shape));
  for (const { name, shape: dims, offset, deviation } of parametersOf(shape)) {
    const normal = random.fork(name);
    for (let i = 0; i < sizeOf(dims); i++) flat[offset + i] = deviation * normal.normal();
  }
  return flat;
}

/**
 * Forward pass up to the last normalisation.
 *
 * @param tokens int64 [contextTokens * batch], time-major: token t of sequence b at t * batch + b
 * @param parameters by name
 * @returns hidden states [contextTokens * batch, width], in the order of the tokens
 */
export function forward(
  shape: ModelShape,
  batch: number,
  tokens: Value,
  parameters: ReadonlyMap<string, Value>,
): Value {
  const { width, layers, heads, contextTokens, positions } = shape;
  const weight = (name: string): Value => {
    const value = parameters.get(name);
    if (value === undefined) throw new RangeError(`no parameter ${name}`);
    return value;
  };
  let x = gatherRows(weight("embedding"), tokens);
  if (positions === "learned") {
    const spaced = reshape(weight("positions"), [contextTokens, 1, width]);
    x = reshape(add(reshape(x, [contextTokens, batch, width]), spaced), x.shape);
  }
  // On the scale of what the layers add.
  x = layerNorm(x);
  const place = (heads: Value) =>
    positions === "rotary" ? rotate(heads, { contextTokens, batch, heads: shape.heads }) : heads;
  for (let layer = 0; layer < layers; layer++) {
    const h = layerNorm(x);
    const project = (name: string) => gemm(h, weight(`${layer}.${name}`), { transposesOnce: true });
    const [q, k, v] = [place(project("query")), place(project("key")), project("value")];
    const mixed = causalAttention(q, k, v, { contextTokens, batch, heads });
    x = gemm(mixed, weight(`${layer}.attentionOut`), { c: x });
    const up = relu(gemm(layerNorm(x), weight(`${layer}.up`), { transposesOnce: true }));
    x = gemm(up, weight(`${layer}.down`), { c: x });
  }
  return layerNorm(x);
}
