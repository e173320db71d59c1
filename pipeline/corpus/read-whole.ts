import type { InputFile } from "./discover.ts";
import { readBytes } from "./read-bytes.ts";
import type { ReadOptions, Records, Skip, SkipReason } from "./record.ts";

/** More than any document has; what is read is held as a whole. */
const maxBytes = 2 ** 24;

/**
 * A file that is one document; its line is 0.
 *
 * @param toText what the document is of the file's bytes; for plain text and Markdown, which are UTF-8, themselves
 * @throws BadFileError
 */
export async function* readWhole(
  file: InputFile,
  options: ReadOptions,
  toText: (content: Buffer) => string | Promise<string> = (content) => utf8.decode(content),
): Records {
  const skip = (reason: SkipReason, detail: string): Skip => ({ file: file.name, line: 0, reason, detail });
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of readBytes(file, options.onBytes)) {
    bytes += piece.length;
    if (bytes > maxBytes) {
      yield skip("too-long", `the file is longer than ${maxBytes} bytes`);
      return;
    }
    pieces.push(piece);
  }
  if (bytes === 0) return;
  let text: string;
  try {
    text = await toText(Buffer.concat(pieces));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    yield skip("invalid-utf8", "the file is not valid UTF-8");
    return;
  }
  const scores = options.scores.map(() => null);
  yield { text, sourceId: null, url: null, scores, file: file.name, line: 0 };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });
