import type { InferenceSession } from "onnxruntime-node";
import { InputError } from "../core/errors.ts";
import { reasonOf } from "./reason-of.ts";

const options = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  logSeverityLevel: 3,
} satisfies InferenceSession.SessionOptions;

/**
 * Load an ONNX graph, a file or its bytes, to run on one thread: parallelism comes from running one process per
 * core, and a sum split among threads would depend on their number.
 *
 * @param name of the graph in errors
 * @throws InputError if it is not a graph that onnxruntime can run
 */
export async function openSession(
  graph: string | Uint8Array,
  name = String(graph),
): Promise<InferenceSession> {
  const { InferenceSession } = await import("onnxruntime-node");
  try {
    return await (typeof graph === "string"
      ? InferenceSession.create(graph, options)
      : InferenceSession.create(graph, options));
  } catch (cause) {
    const problem = `${name} cannot be loaded (${reasonOf(cause)})`;
    throw new InputError(problem, "download or build the model again", { cause });
  }
}
