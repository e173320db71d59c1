import { open, writeFile } from "node:fs/promises";
import type { TokenPiece } from "./gather.ts";

const magic = Buffer.from("MMIDIDX\0\0", "latin1");
const formatVersion = 1n;
/** Megatron's numbers for int32 and uint16. */
const typeCode = { 2: 8, 4: 4 } as const;

/**
 * Megatron-LM's indexed dataset: `<prefix>.bin`, all token ids, and `<prefix>.idx`, where each document lies. Every document is
 * one sequence.
 *
 * Layout of the .idx, little-endian (megatron/core/datasets/indexed_dataset.py, _IndexWriter), 42 + 20 n bytes for n documents:
 * "MMIDIDX\0\0", u64 1, u8 type, u64 n, u64 n + 1, i32 tokens [n], i64 offset in bytes [n], i64 document bounds 0..n [n + 1].
 */
export async function writeMegatron(
  prefix: string,
  pieces: AsyncIterable<TokenPiece>,
  tokenBytes: 2 | 4,
): Promise<void> {
  const lengths: Uint32Array[] = [];
  const bin = await open(`${prefix}.bin`, "w");
  try {
    for await (const piece of pieces) {
      await bin.writeFile(bytesOf(piece.tokens));
      lengths.push(piece.lengths);
    }
  } finally {
    await bin.close();
  }
  await writeFile(`${prefix}.idx`, megatronIndex(lengths, tokenBytes));
}

/** @param lengths tokens of each document, in any number of arrays */
function megatronIndex(lengths: readonly Uint32Array[], tokenBytes: 2 | 4): Uint8Array {
  const documents = lengths.reduce((sum, part) => sum + part.length, 0);
  const index = Buffer.alloc(42 + 20 * documents);
  magic.copy(index);
  index.writeBigUInt64LE(formatVersion, 9);
  index.writeUInt8(typeCode[tokenBytes], 17);
  index.writeBigUInt64LE(BigInt(documents), 18);
  index.writeBigUInt64LE(BigInt(documents + 1), 26);
  const offsets = 34 + 4 * documents;
  const bounds = offsets + 8 * documents;
  let document = 0;
  let start = 0;
  for (const part of lengths) {
    for (const length of part) {
      index.writeInt32LE(length, 34 + 4 * document);
      index.writeBigInt64LE(BigInt(start), offsets + 8 * document);
      index.writeBigInt64LE(BigInt(document), bounds + 8 * document);
      start += length * tokenBytes;
      document++;
    }
  }
  index.writeBigInt64LE(BigInt(documents), bounds + 8 * documents);
  return index;
}

/** The memory of a typed array, little-endian on every machine this runs on. */
export function bytesOf(values: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
