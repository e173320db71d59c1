import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { EngineModels } from "./assign-graph.ts";
import type { Engine, EngineShape, Int8Engine, Int8EngineShape } from "./engine.ts";
import { pointZero } from "./quantise.ts";

/** One thread a session: the workers are the parallelism, and the order of float32 sums stays fixed. */
const sessionOptions: InferenceSession.SessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1 };

/**
 * An engine whose products are one float32 GEMM of onnxruntime.
 *
 * Tensors lie over the caller's and the engine's own buffers: onnxruntime rejects shared memory, and
 * preallocated outputs spare it an allocation a block.
 */
export async function openOnnxEngine(
  { dim, clusters, blockRows }: EngineShape,
  models: EngineModels,
): Promise<Engine> {
  const { default: ort } = await import("onnxruntime-node");
  const assign = await ort.InferenceSession.create(models.assign, sessionOptions);
  const product = await ort.InferenceSession.create(models.product, sessionOptions);
  const outputs = nearestOutputs(ort, blockRows);
  const ownCentroids = new Float32Array(clusters * dim);
  const ownBiases = new Float32Array(clusters);
  const matrix = (data: Float32Array, rows: number, columns = dim): Tensor =>
    new ort.Tensor("float32", data.subarray(0, rows * columns), [rows, columns]);
  const model = {
    C: matrix(ownCentroids, clusters),
    bias: new ort.Tensor("float32", ownBiases, [clusters]),
  };

  return {
    labels: outputs.labels,
    load(centroids, biases) {
      ownCentroids.set(centroids);
      ownBiases.set(biases);
    },
    async nearest(points, rows) {
      await assign.run({ X: matrix(points, rows), ...model }, outputs.tensors(rows));
      outputs.takeLabels(rows);
    },
    async products(points, rows, others, count) {
      const products = new Float32Array(rows * count);
      const feeds = { X: matrix(points, rows), C: matrix(others, count) };
      await product.run(feeds, { scores: matrix(products, rows, count) });
      return products;
    },
    async close() {
      await assign.release();
      await product.release();
    },
  };
}

/** An engine whose products are one integer matrix product of onnxruntime. */
export async function openOnnxInt8Engine(
  { dim, columns, sums }: Int8EngineShape,
  models: EngineModels,
): Promise<Int8Engine> {
  const { default: ort } = await import("onnxruntime-node");
  const product = await ort.InferenceSession.create(models.int8Product, sessionOptions);
  const ownCodes = new Int8Array(dim * columns);
  const model = {
    C: new ort.Tensor("int8", ownCodes, [dim, columns]),
    zero: new ort.Tensor("uint8", Uint8Array.of(pointZero), []),
  };

  return {
    load: (codes) => ownCodes.set(codes),
    async products(codes, rows) {
      const X = new ort.Tensor("uint8", codes.subarray(0, rows * dim), [rows, dim]);
      const into = new ort.Tensor("int32", sums.subarray(0, rows * columns), [rows, columns]);
      await product.run({ X, ...model }, { sums: into });
    },
    close: () => product.release(),
  };
}

/** Buffers for the output of either graph. */
function nearestOutputs(ort: typeof import("onnxruntime-node"), blockRows: number) {
  const labels = new Uint32Array(blockRows);
  const labels64 = new BigInt64Array(blockRows);
  // Labels are below 2^32: the low word of each little-endian int64 is all of it.
  const lowWords = new Uint32Array(labels64.buffer);
  const tensorsFor = (rows: number) => ({
    label: new ort.Tensor("int64", labels64.subarray(0, rows), [rows]),
  });
  const whole = tensorsFor(blockRows);
  return {
    labels,
    tensors: (rows: number) => (rows === blockRows ? whole : tensorsFor(rows)),
    takeLabels(rows: number): void {
      for (let row = 0; row < rows; row++) labels[row] = lowWords[2 * row]!;
    },
  };
}
