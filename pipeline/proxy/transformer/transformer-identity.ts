import type { TransformerProxyConfig } from "../../schema/proxy-config.ts";

/** Everything besides the input that decides the numbers; the library computes the sums, so its version is part of it. */
export function transformerIdentity(config: TransformerProxyConfig): string {
  const { tokens: _, kind: __, ...decisive } = config;
  return `transformer/6 ${JSON.stringify(decisive)} onnxruntime ${onnxruntimeVersion}`;
}

/** As installed; a test compares. */
export const onnxruntimeVersion = "1.30.0";
