import type { InputFile } from "./discover.ts";
import type { FileFormat } from "./file-format.ts";
import { readBytes } from "./read-bytes.ts";
import { BadFileError } from "./record.ts";

/** Format by how a file begins, decompressed; undefined if that says nothing. */
export async function formatByContent(
  file: Pick<InputFile, "path" | "compression">,
): Promise<FileFormat | undefined> {
  try {
    for await (const chunk of readBytes(file, () => {})) {
      return /^WARC\/\d\./.test(Buffer.from(chunk.subarray(0, 8)).toString("latin1")) ? "warc" : undefined;
    }
  } catch (error) {
    if (!(error instanceof BadFileError)) throw error;
  }
  return undefined;
}
