import type { InputFile } from "./discover.ts";
import { readBytes } from "./read-bytes.ts";
import type { ReadOptions, Records, Skip, SkipReason } from "./record.ts";

/** More would not fit a string. */
const maxBytes = 2 ** 28;

/**
 * A file that is one document; its line is 0.
 *
 * @param toText what the document is of the file's text; itself for plain text and Markdown
 * @throws BadFileError
 */
export async function* readWhole(
  file: InputFile,
  options: ReadOptions,
  toText: (content: string) => string | Promise<string> = (content) => content,
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
  let content: string;
  try {
    content = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces));
  } catch {
    yield skip("invalid-utf8", "the file is not valid UTF-8");
    return;
  }
  const scores = options.scores.map(() => null);
  yield { text: await toText(content), sourceId: null, url: null, scores, file: file.name, line: 0 };
}
