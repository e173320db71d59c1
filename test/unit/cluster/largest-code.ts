import { type EngineName, largestExactCode, openInt8Engine } from "../../../pipeline/cluster/engine.ts";

/** What codes of centroids this CPU multiplies exactly. */
export async function largestCode(engineName: EngineName): Promise<number> {
  const shape = { dim: 64, columns: 16, sums: new Int32Array(16 * 16) };
  const engine = await openInt8Engine(engineName, shape);
  const largest = await largestExactCode(engine, shape);
  await engine.close();
  return largest;
}
