import type { EngineModels } from "./assign-graph.ts";
import { openOnnxEngine, openOnnxInt8Engine } from "./onnx-engine.ts";
import { PortableEngine, PortableInt8Engine } from "./portable-engine.ts";

export type EngineName = "onnxruntime" | "portable";

/** What {@link Engine.nearest} leaves. */
export interface Nearest {
  /** Index of the best centroid of each row; the lowest of equal ones. */
  readonly labels: Uint32Array;
}

/** What one thread needs for its share of the arithmetic. Not shared between threads. */
export interface Engine extends Nearest {
  /** Take over centroids (clusters * dim) and biases (clusters) for the calls that follow. */
  load(centroids: Float32Array, biases: Float32Array): void;
  /** Find the centroid of the largest x . c + bias for `rows` points (rows * dim, not in shared memory). */
  nearest(points: Float32Array, rows: number): Promise<void>;
  /** Scalar products of `rows` points with `count` others, into products (rows * count). */
  products(points: Float32Array, rows: number, others: Float32Array, count: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** The products of eight-bit codes, in integers: see quantise.ts. */
export interface Int8Engine {
  /** Take over codes (dim * columns) for the calls that follow. */
  load(codes: Int8Array): void;
  /** Products of `rows` points' codes (rows * dim), less what their zero is, with all columns, into shape.sums. */
  products(codes: Uint8Array, rows: number): Promise<void>;
  close(): Promise<void>;
}

export interface Int8EngineShape {
  readonly dim: number;
  /** Centroids' codes. */
  readonly columns: number;
  /** blockRows * columns, not in shared memory. */
  readonly sums: Int32Array;
}

export interface EngineShape {
  readonly dim: number;
  readonly clusters: number;
  readonly blockRows: number;
}

/** @param models onnxruntime's, if they are at hand; else they are written */
export async function openEngine(
  name: EngineName,
  shape: EngineShape,
  models?: EngineModels,
): Promise<Engine> {
  return name === "onnxruntime"
    ? openOnnxEngine(shape, models ?? (await writeModels()))
    : new PortableEngine(shape);
}

/** @param models onnxruntime's, if they are at hand; else they are written */
export async function openInt8Engine(
  name: EngineName,
  shape: Int8EngineShape,
  models?: EngineModels,
): Promise<Int8Engine> {
  return name === "onnxruntime"
    ? openOnnxInt8Engine(shape, models ?? (await writeModels()))
    : new PortableInt8Engine(shape);
}

/** Loaded only here: the portable engine, and a thread that is given its models, start without what writes them. */
export async function writeModels(): Promise<EngineModels> {
  const { engineModels } = await import("./assign-graph.ts");
  return engineModels();
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

/**
 * An engine whose products are exact for codes of centroids up to `least`: that which `open` gives, or plain JavaScript, of the
 * same bits, where this CPU cuts some off. That is so if the largest code was found out on other machines.
 *
 * @param open gives one of this shape
 * @returns the engine, and the largest code for which its products are exact
 */
export async function openExactInt8(
  open: (shape: Int8EngineShape) => Promise<Int8Engine>,
  shape: Int8EngineShape,
  least: number,
): Promise<{ engine: Int8Engine; largestCode: number }> {
  const engine = await open(shape);
  const largestCode = await largestExactCode(engine, shape);
  if (largestCode >= least) return { engine, largestCode };
  await engine.close();
  return { engine: new PortableInt8Engine(shape), largestCode: 127 };
}

/**
 * The largest code of centroids whose products with points' codes this CPU adds exactly: 127, or 63 where
 * the matrix product adds pairs of them in 16 bits and cuts off what is too large (x86 without VNNI).
 *
 * @param engine of this shape
 */
export async function largestExactCode(
  engine: Int8Engine,
  { dim, columns, sums }: Int8EngineShape,
): Promise<number> {
  const rows = Math.min(16, sums.length / columns);
  engine.load(new Int8Array(dim * columns).fill(127));
  await engine.products(new Uint8Array(rows * dim).fill(255), rows);
  return sums.subarray(0, rows * columns).every((sum) => sum === dim * 127 * 127) ? 127 : 63;
}
