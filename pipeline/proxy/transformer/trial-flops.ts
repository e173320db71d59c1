import type { TransformerProxyConfig } from "../../schema/proxy-config.ts";
import { trainingFlops } from "./model.ts";

/**
 * Floating-point operations of one trial: training, and measuring, which is a forward pass and so a third of it a token. What a
 * warm start costs is not counted: all trials share it.
 */
export function trialFlops(
  { width, layers, heads, contextTokens, positions }: TransformerProxyConfig,
  vocabulary: number,
  tokens: { readonly trained: number; readonly measured: number },
): number {
  const shape = { vocabulary, width, layers, heads, contextTokens, positions };
  return trainingFlops(shape, tokens.trained + tokens.measured / 3);
}
