import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { TokenPiece } from "./gather.ts";
import { bytesOf } from "./write-megatron.ts";

/** Where a document came from. */
export interface DocumentOrigin {
  readonly id: string;
  readonly file: string;
  /** From 1, as dolma counts lines. */
  readonly line: number;
}

/**
 * dolma's and OLMo's memory map: `<stem>.npy`, token ids and nothing else (no header, whatever the name says), and
 * `<stem>.csv.gz`, one row a document: start, end (exclusive, after the end-of-document token), id, file, line. The rows end in
 * CR LF, as Python's csv writes them (dolma, python/dolma/tokenizer/memmap_writer.py).
 *
 * @param origin of an item, by its number
 */
export async function writeMemmap(
  stem: string,
  pieces: AsyncIterable<TokenPiece>,
  origin: (item: number) => DocumentOrigin,
): Promise<void> {
  const file = await open(`${stem}.npy`, "w");
  const rows = async function* (): AsyncGenerator<string> {
    let start = 0;
    for await (const { tokens, lengths, firstItem } of pieces) {
      await file.writeFile(bytesOf(tokens));
      for (const [i, length] of lengths.entries()) {
        const { id, file: from, line } = origin(firstItem + i);
        yield `${start},${start + length},${csvField(id)},${csvField(from)},${line}\r\n`;
        start += length;
      }
    }
  };
  try {
    await pipeline(rows, createGzip(), createWriteStream(`${stem}.csv.gz`));
  } finally {
    await file.close();
  }
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
