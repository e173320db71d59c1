import { openOnnxEngine } from "./onnx-engine.ts";
import { PortableEngine } from "./portable-engine.ts";

export type EngineName = "onnxruntime" | "portable";

/** What one thread needs for its share of the arithmetic. Not shared between threads. */
export interface Engine {
  /** Points of the next block, row-major, blockRows * dim: the caller fills it. */
  readonly batch: Float32Array;
  /** After {@link nearest}: index of the best centroid of each row; the lowest of equal ones. */
  readonly labels: Uint32Array;
  /** After {@link nearest}: that centroid's score. */
  readonly scores: Float32Array;
  /** Take over centroids (clusters * dim) and biases (clusters) for the calls that follow. */
  load(centroids: Float32Array, biases: Float32Array): void;
  /** Find the centroid of the largest x . c + bias for the first `rows` rows of {@link batch}. */
  nearest(rows: number): Promise<void>;
  /** Scalar products of `rows` points with `count` others, into products (rows * count). */
  products(points: Float32Array, rows: number, others: Float32Array, count: number): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface EngineShape {
  readonly dim: number;
  readonly clusters: number;
  readonly blockRows: number;
}

export function openEngine(name: EngineName, shape: EngineShape): Promise<Engine> {
  return name === "onnxruntime" ? openOnnxEngine(shape) : Promise.resolve(new PortableEngine(shape));
}

/** onnxruntime where its native module loads on this machine, else plain JavaScript. */
export async function bestEngine(): Promise<EngineName> {
  try {
    await import("onnxruntime-node");
    return "onnxruntime";
  } catch {
    return "portable";
  }
}
