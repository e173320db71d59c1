import type { InferenceSession } from "onnxruntime-node";
import { InputError } from "../core/errors.ts";
import { reasonOf } from "./reason-of.ts";

/**
 * Load an ONNX graph to run on one thread: parallelism comes from running one process per core, and a sum
 * split among threads would depend on their number.
 *
 * @throws InputError if the file is not a graph that onnxruntime can run
 */
export async function openSession(path: string): Promise<InferenceSession> {
  const { InferenceSession } = await import("onnxruntime-node");
  try {
    return await InferenceSession.create(path, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: "sequential",
      logSeverityLevel: 3,
    });
  } catch (cause) {
    const problem = `${path} cannot be loaded (${reasonOf(cause)})`;
    throw new InputError(problem, "download or build the model again", { cause });
  }
}
