import type { InputFile } from "./discover.ts";
import { type FileFormat, formatByName } from "./file-format.ts";
import { readBytes } from "./read-bytes.ts";
import { BadFileError } from "./record.ts";

/**
 * Format of a file: by the bytes it begins with where those are unmistakable, else by its ending, else by what its
 * beginning looks like, decompressed; undefined if that says nothing either.
 */
export async function detectFormat(
  file: Pick<InputFile, "path" | "compression">,
): Promise<FileFormat | undefined> {
  const named = formatByName(file.path);
  // What an archive's ending says of its kind is not in its first bytes.
  if (named === "warc" || named === "wet") return named;
  const start = await firstBytes(file);
  if (start.startsWith("PAR1")) return "parquet";
  if (/^WARC\/\d\./.test(start)) return "warc";
  return named ?? looksLike(start);
}

function looksLike(start: string): FileFormat | undefined {
  const text = start.replace(/^\u00EF\u00BB\u00BF/, "").trimStart();
  if (/^\{\s*("|\}|$)/.test(text)) return "jsonl";
  return /^<(!doctype html|html)\b/i.test(text) ? "html" : undefined;
}

/** Of the decompressed file, as Latin-1; empty if nothing can be read. */
async function firstBytes(file: Pick<InputFile, "path" | "compression">): Promise<string> {
  try {
    for await (const chunk of readBytes(file, () => {})) {
      return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1", 0, 512);
    }
  } catch (error) {
    if (!(error instanceof BadFileError)) throw error;
  }
  return "";
}
