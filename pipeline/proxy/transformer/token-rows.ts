import { tensorOver, type Tensors } from "../../onnx-graph/open-model.ts";

/** The `tokens` and `targets` a graph reads, int64 [contextTokens * batch], time-major. */
export interface TokenRows {
  readonly tensors: Tensors;
  /** Fill in the first `length` tokens of one sequence of the batch, and what is to be predicted at each. */
  set(sequence: number, tokens: ArrayLike<number>, targets: ArrayLike<number>, length: number): void;
}

export async function openTokenRows(contextTokens: number, batch: number): Promise<TokenRows> {
  const rows = contextTokens * batch;
  const tokens64 = new BigInt64Array(rows);
  const targets64 = new BigInt64Array(rows);
  // Tokens are below 2^32: the low word of each little-endian int64 is all of it.
  const tokenWords = new Uint32Array(tokens64.buffer);
  const targetWords = new Uint32Array(targets64.buffer);
  return {
    tensors: { tokens: await tensorOver(tokens64, [rows]), targets: await tensorOver(targets64, [rows]) },
    set(sequence, tokens, targets, length) {
      for (let t = 0; t < length; t++) {
        tokenWords[2 * (t * batch + sequence)] = tokens[t]!;
        targetWords[2 * (t * batch + sequence)] = targets[t]!;
      }
    },
  };
}
