import type { InferenceSession, Tensor } from "onnxruntime-node";

export type Tensors = Readonly<Record<string, Tensor>>;

/** A model ready to run. Tensors may lie over the caller's own memory; onnxruntime reads and writes them in place. */
export interface Model {
  /** @param outputs Written to in place; without them, new tensors are made. */
  run(inputs: Tensors, outputs?: Tensors): Promise<Tensors>;
  close(): Promise<void>;
}

/**
 * One thread: the processes are the parallelism, and the order of float32 sums stays fixed, so that equal inputs give
 * equal bits. Denormal floats, of which softmax and AdamW make some, are flushed, since computing with them is slow: within the
 * session, and where it is the first of its process, as in a trial's shard, from then on in all of this thread.
 */
const sessionOptions: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  extra: {
    session: { set_denormal_as_zero: "1" },
    // It would put a Transpose into each product that reads it, which then transposes many times over (products.ts).
    optimization: { disable_specified_optimizers: "GemmTransposeFusion" },
  },
};

export async function openModel(bytes: Uint8Array): Promise<Model> {
  const { default: ort } = await import("onnxruntime-node");
  const session = await ort.InferenceSession.create(bytes, sessionOptions);
  return {
    run: (inputs, outputs) => (outputs === undefined ? session.run(inputs) : session.run(inputs, outputs)),
    close: () => session.release(),
  };
}

/** A tensor over these numbers, without copying them. */
export async function tensorOver(
  data: Float32Array | BigInt64Array,
  shape: readonly number[],
): Promise<Tensor> {
  const { default: ort } = await import("onnxruntime-node");
  return data instanceof Float32Array
    ? new ort.Tensor("float32", data, shape)
    : new ort.Tensor("int64", data, shape);
}
