/** Picking rows of a matrix, and adding to picked rows. */
import type { Value } from "./graph.ts";

/**
 * Rows of a table by number.
 *
 * @param table [rows, columns]
 * @param indices int64 [n]
 * @returns [n, columns]
 */
export function gatherRows(table: Value, indices: Value): Value {
  const columns = table.shape[1]!;
  const picked = table.graph.apply("Gather", [table, indices], [indices.shape[0]!, columns], { axis: 0 });
  return table.graph.tape.record(picked, [table], (gradient) => [
    (soFar) => addToRows(soFar ?? zeros(table), indices, gradient),
  ]);
}

/** `table` with `rows[i]` added to its row `indices[i]`, in the order of i. */
export function addToRows(table: Value, indices: Value, rows: Value): Value {
  const { graph } = table;
  const shape = [indices.shape[0]!, 1];
  // The shape is kept apart in the model, as the row numbers are int64 and Reshape's output is declared float here.
  const column = graph.apply("Reshape", [indices, graph.constant([2], shape, "int64")], shape);
  return graph.apply("ScatterND", [table, column, rows], table.shape, { reduction: "add" });
}

function zeros({ graph, shape }: Value): Value {
  return graph.apply("Expand", [graph.scalar(0), graph.constant([shape.length], shape, "int64")], shape);
}
