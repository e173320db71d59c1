import { adding } from "../../onnx-graph/elementwise.ts";
import type { Value } from "../../onnx-graph/graph.ts";
import { microsoft } from "../../core/onnx-model.ts";
import { reshape } from "../../onnx-graph/layout.ts";
import type { AttentionShape } from "./attention.ts";

/**
 * Rotary positions (Su et al. 2021, arXiv 2104.09864): dimensions i and i + headWidth / 2 of every head are turned by the
 * angle t * 10000^(-2 i / headWidth). A rotation's gradient is the rotation back.
 *
 * @param x [contextTokens * batch, width], time-major
 */
export function rotate(x: Value, shape: AttentionShape, direction: 1 | -1 = 1): Value {
  const { contextTokens, batch, heads } = shape;
  const { graph } = x;
  const width = x.shape[1]!;
  const half = width / heads / 2;
  // onnxruntime calls the axes batch and sequence; here they are time and sequence, and positions say which is which. It
  // still wants a row for every place on the second.
  const tableRows = Math.max(contextTokens, batch);
  const table = (of: (angle: number) => number): Value =>
    graph.constant(
      [tableRows, half],
      Array.from({ length: tableRows * half }, (_, at) =>
        of(Math.floor(at / half) * 10000 ** (-(at % half) / half)),
      ),
    );
  const positions = Array.from({ length: contextTokens * batch }, (_, row) => Math.floor(row / batch));
  const inputs = [
    reshape(x, [contextTokens, batch, width]),
    graph.constant([contextTokens, batch], positions, "int64"),
    table(Math.cos),
    table((angle) => direction * Math.sin(angle)),
  ];
  const turned = graph.apply(
    "RotaryEmbedding",
    inputs,
    [contextTokens, batch, width],
    { num_heads: heads, rotary_embedding_dim: 0 },
    microsoft,
  );
  const output = graph.apply("Reshape", [turned, graph.constant([2], x.shape, "int64")], x.shape);
  return graph.tape.record(output, [x], (gradient) => [
    adding(() => rotate(gradient, shape, direction === 1 ? -1 : 1)),
  ]);
}
