import type { Tensor } from "onnxruntime-node";
import type { EmbedSettings } from "./settings.ts";

/**
 * A vector for a text from those of its tokens. There is no padding, so every token counts. The library's own
 * pooling reads each element through a proxy, which took longer than a small model's forward pass.
 *
 * @param states token vectors [1, tokens, full dimension]
 * @param dimension leading dimensions kept
 * @returns dimension values, not of length 1
 */
export function poolTokens(
  states: Pick<Tensor, "data" | "dims">,
  { pooling, centred }: Pick<EmbedSettings, "pooling" | "centred">,
  dimension: number,
): Float32Array {
  const values = states.data as Float32Array;
  const [, tokens, full] = states.dims as [1, number, number];
  const [first, last] = pooling === "mean" ? [0, tokens] : pooling === "cls" ? [0, 1] : [tokens - 1, tokens];
  const sum = new Float64Array(full);
  for (let token = first; token < last; token++) {
    for (let i = 0; i < full; i++) sum[i] = sum[i]! + values[token * full + i]!;
  }
  // Only the direction counts: neither the number of tokens nor the deviation need be divided by.
  const mean = centred && dimension < full ? sum.reduce((total, value) => total + value, 0) / full : 0;
  return Float32Array.from({ length: dimension }, (_, i) => sum[i]! - mean);
}
