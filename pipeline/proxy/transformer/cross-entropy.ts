import { adding, add, divide, log, multiply, negate, sum } from "../../onnx-graph/elementwise.ts";
import type { Value } from "../../onnx-graph/graph.ts";
import { after, swapFirstAxes } from "../../onnx-graph/layout.ts";
import { gemm } from "../../onnx-graph/products.ts";
import { addToRows, gatherRows } from "../../onnx-graph/rows.ts";

/**
 * Mean of -ln softmax(hidden . embedding^T)[target] over all rows, in nats.
 *
 * The [rows, vocabulary] probabilities are by far the largest tensor of the model. They are made in chunks of rows
 * that stay in cache, and used for both products of the gradient. The gradient of the logits is p minus the one-hot
 * target; the target's part goes into the products' sums as gathered and scattered rows, so that p is never written
 * twice.
 *
 * @param hidden [rows, width]
 * @param embedding [vocabulary, width], the table that also embeds the input
 * @param targets int64 [rows]
 */
export function crossEntropy(hidden: Value, embedding: Value, targets: Value): Value {
  const { graph } = hidden;
  const rows = hidden.shape[0]!;
  const alpha = 1 / rows;
  const losses: Value[] = [];
  const hiddenGradients: Value[] = [];
  let expected: Value | undefined;
  for (const chunk of splitRows(hidden, targets, chunkRowsOf(embedding.shape[0]!))) {
    const h = expected === undefined ? chunk.hidden : after(chunk.hidden, expected);
    const logits = gemm(h, embedding, { transB: true });
    const p = graph.apply("Softmax", [logits], logits.shape, { axis: -1 });
    const probability = graph.apply("GatherElements", [p, columnOf(chunk.targets)], [chunk.rows, 1], {
      axis: 1,
    });
    losses.push(sum(negate(log(probability))));
    const observed = gatherRows(embedding, chunk.targets);
    const hiddenGradient = gemm(p, embedding, { alpha, beta: -alpha, c: observed });
    hiddenGradients.push(hiddenGradient);
    // [width, vocabulary]: hidden is less to transpose than p.
    expected = gemm(swapFirstAxes(after(chunk.hidden, hiddenGradient)), p, { alpha, c: expected });
  }
  const loss = divide(losses.reduce(add), graph.scalar(rows));
  const embeddingGradient = addToRows(
    swapFirstAxes(expected!),
    targets,
    multiply(hidden, graph.scalar(-alpha)),
  );
  const hiddenGradient = graph.apply("Concat", hiddenGradients, hidden.shape, { axis: 0 });
  return graph.tape.record(loss, [hidden, embedding], (gradient) => [
    adding(() => multiply(gradient, hiddenGradient)),
    adding(() => multiply(gradient, embeddingGradient)),
  ]);
}

/** Rows of logits worked on at once: [256, 4096] floats are 4 MB. */
export function chunkRowsOf(vocabulary: number): number {
  return Math.max(1, Math.floor(2 ** 20 / vocabulary));
}

/** [rows] as [rows, 1]. */
export function columnOf(targets: Value): Value {
  const column = [targets.shape[0]!, 1];
  return targets.graph.apply("Reshape", [targets, targets.graph.constant([2], column, "int64")], column);
}

interface Chunk {
  readonly hidden: Value;
  readonly targets: Value;
  readonly rows: number;
}

export function splitRows(hidden: Value, targets: Value, chunkRows: number): Chunk[] {
  const { graph } = hidden;
  const [rows, width] = hidden.shape as [number, number];
  const sizes = Array.from({ length: Math.ceil(rows / chunkRows) }, (_, index) =>
    Math.min(chunkRows, rows - index * chunkRows),
  );
  if (sizes.length === 1) return [{ hidden, targets, rows }];
  const lengths = graph.constant([sizes.length], sizes, "int64");
  const hiddens = graph.applyMany(
    "Split",
    [hidden, lengths],
    sizes.map((size) => [size, width]),
    { axis: 0 },
  );
  const targetParts = graph.applyMany(
    "Split",
    [targets, lengths],
    sizes.map((size) => [size]),
    { axis: 0 },
  );
  return sizes.map((size, index) => ({ hidden: hiddens[index]!, targets: targetParts[index]!, rows: size }));
}
