import assert from "node:assert/strict";
import { basename, dirname } from "node:path";
import { importTransformers } from "../../pipeline/embed/import-transformers.ts";

/** Rows of the library's own feature-extraction pipeline, which embedders are compared with. */
export async function embedWithPipeline(
  folder: string,
  texts: readonly string[],
  { pooling, quantized }: { pooling: "mean" | "cls"; quantized: boolean },
): Promise<Float32Array> {
  const { env, pipeline } = await importTransformers();
  env.localModelPath = dirname(folder);
  const extract = await pipeline("feature-extraction", basename(folder), {
    local_files_only: true,
    quantized,
  });
  const output = await extract([...texts], { pooling, normalize: true });
  await extract.dispose();
  return Float32Array.from(output.data as Float32Array);
}

export function largestDifference(left: Float32Array, right: Float32Array): number {
  assert.equal(left.length, right.length);
  return left.reduce((largest, value, i) => Math.max(largest, Math.abs(value - right[i]!)), 0);
}

/** Of two unit vectors. */
export function cosine(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, i) => sum + value * right[i]!, 0);
}
