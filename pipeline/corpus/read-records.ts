import { InputError } from "../core/errors.ts";
import type { InputFile } from "./discover.ts";
import type { FileFormat } from "./file-format.ts";
import { withBeside } from "./beside/with-beside.ts";
import { decodeHtml } from "./html-charset.ts";
import { htmlText } from "./html-text.ts";
import { readJsonl } from "./read-jsonl.ts";
import { readParquet } from "./read-parquet.ts";
import { readWarc } from "./read-warc.ts";
import { readWhole } from "./read-whole.ts";
import { BadFileError, type ReadOptions, type Records } from "./record.ts";

const readers: Readonly<Record<FileFormat, (file: InputFile, options: ReadOptions) => Records>> = {
  jsonl: readJsonl,
  parquet: readParquet,
  text: (file, options) => readWhole(file, options),
  markdown: (file, options) => readWhole(file, options),
  html: (file, options) => readWhole(file, options, (page) => htmlText(decodeHtml(page, ""))),
  // One reader: what a record is, is written on the record.
  warc: readWarc,
  wet: readWarc,
};

/**
 * Records of one file, whatever its format.
 *
 * @param onBadFile what to do about a file that cannot be read to its end: `error` stops, `skip` keeps what
 *   came before the break and reports a skip
 * @throws InputError naming the file: it is damaged (under `error`), or a Parquet file has no text column
 */
export async function* readRecords(
  file: InputFile,
  { onBadFile, ...options }: ReadOptions & { readonly onBadFile: "error" | "skip" },
): Records {
  let line = 0;
  let empty = true;
  try {
    if (file.bytes > 0) {
      for await (const record of withBeside(readers[file.format](file, options), file, options)) {
        empty = false;
        line = record.line;
        yield record;
      }
    }
    if (empty) {
      const detail = file.part === undefined ? "no records" : "no records in one part of it";
      yield { file: file.name, line: 0, reason: "empty-file", detail };
    }
  } catch (error) {
    if (!(error instanceof BadFileError)) throw error;
    if (onBadFile === "error") {
      throw new InputError(
        `${file.path}: ${error.message}`,
        "fetch the file again, leave it out of the source's files, or set corpus.onBadFile: skip",
        { cause: error },
      );
    }
    yield { file: file.name, line, reason: "bad-file", detail: error.message };
    options.onLines?.(null);
  }
}
