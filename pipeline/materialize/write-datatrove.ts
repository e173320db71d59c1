import { open, writeFile } from "node:fs/promises";
import type { TokenPiece } from "./gather.ts";
import { bytesOf } from "./write-megatron.ts";

/**
 * datatrove's tokenised file, which nanotron reads: `<stem>.ds`, token ids; `.ds.index`, u64 ends of the documents in tokens;
 * `.ds.metadata`, the tokenizer with the bytes of a token, the number of tokens, and that number for people
 * (datatrove, pipeline/tokens/tokenizer.py, TokenizedFile).
 */
export async function writeDatatrove(
  stem: string,
  pieces: AsyncIterable<TokenPiece>,
  { tokenizer, tokenBytes }: { readonly tokenizer: string; readonly tokenBytes: 2 | 4 },
): Promise<void> {
  let tokens = 0;
  const tokenFile = await open(`${stem}.ds`, "w");
  try {
    const indexFile = await open(`${stem}.ds.index`, "w");
    try {
      for await (const piece of pieces) {
        await tokenFile.writeFile(bytesOf(piece.tokens));
        const ends = BigUint64Array.from(piece.lengths, (length) => BigInt((tokens += length)));
        await indexFile.writeFile(new Uint8Array(ends.buffer));
      }
    } finally {
      await indexFile.close();
    }
  } finally {
    await tokenFile.close();
  }
  await writeFile(`${stem}.ds.metadata`, `${tokenizer}|${tokenBytes}\n${tokens}\n${metric(tokens)}`);
}

/** "3.00 MT" for 3000000: three significant digits and an SI prefix, as Python's humanize.metric writes it. */
export function metric(tokens: number): string {
  const exponent = String(tokens).length - 1;
  const prefix = ["", "k", "M", "G", "T", "P"][Math.floor(exponent / 3)]!;
  const scaled = tokens / 10 ** (exponent - (exponent % 3));
  return `${scaled.toFixed(2 - (exponent % 3))} ${prefix}T`;
}
