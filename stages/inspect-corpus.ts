/** What `climb ingest` would see of a corpus: format, columns, documents, skips and a few examples. */
import { ConfigError, InterruptedError } from "../pipeline/core/errors.ts";
import { discoverFiles, type InputFile } from "../pipeline/corpus/discover.ts";
import { readRecords } from "../pipeline/corpus/read-records.ts";
import type { RawRecord } from "../pipeline/corpus/record.ts";
import { SourceConfig } from "../pipeline/schema/corpus-config.ts";
import { type Column, findColumns, textColumn } from "./corpus-fields.ts";
import { table } from "./summary.ts";
import { formatCount, terminalProgress } from "./terminal.ts";

export interface CorpusInspection {
  /** One, or several joined by "+". */
  readonly format: string;
  readonly files: number;
  /** Of the files as they lie there. */
  readonly bytes: number;
  /** Records with text, before corpus.minCharacters and duplicates. */
  readonly documents: number;
  /** UTF-8 bytes of their texts. */
  readonly textBytes: number;
  /** Compression to the number of files. */
  readonly compression: Readonly<Record<string, number>>;
  /** Columns or JSON keys, of the first file of each format that has some. */
  readonly columns: readonly Column[];
  /** The column read as text; null where a file is a document. */
  readonly textField: string | null;
  readonly skipped: Readonly<Record<string, number>>;
  readonly examples: readonly {
    readonly file: string;
    readonly line: number;
    readonly id: string | null;
    readonly url: string | null;
    readonly text: string;
  }[];
}

const exampleCount = 3;
const exampleCharacters = 300;

/** @throws InputError if there is nothing, or nothing of a known format */
export async function inspectCorpus(
  path: string,
  options: { readonly text?: string; readonly format?: string },
  signal: AbortSignal,
): Promise<CorpusInspection> {
  const format = SourceConfig.shape.format.safeParse(options.format);
  if (!format.success) {
    throw new ConfigError(`--format ${options.format}: ${format.error.issues[0]!.message}`);
  }
  const files = await discoverFiles([{ name: "corpus", files: [path], format: format.data }], process.cwd());
  const columns = await findColumns(files);
  const textField = options.text ?? textColumn(columns);

  const talk = terminalProgress();
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let read = 0;
  const counts = { documents: 0, textBytes: 0 };
  const skipped: Record<string, number> = {};
  const examples: CorpusInspection["examples"][number][] = [];
  for (const file of files) {
    const records = readRecords(file, {
      fields: { text: textField ?? "text", id: "id", url: "url" },
      scores: [],
      onBadFile: "skip",
      onBytes: (bytes) => {
        read += bytes;
        talk({ event: "work", stage: "inspect", step: "read", done: read, total, unit: "bytes" });
      },
    });
    for await (const record of records) {
      if (signal.aborted) throw new InterruptedError("interrupted", "nothing was written");
      const reason =
        "reason" in record ? record.reason : record.text.trim() === "" ? "empty-text" : undefined;
      if (reason !== undefined) skipped[reason] = (skipped[reason] ?? 0) + 1;
      if ("reason" in record || reason !== undefined) continue;
      counts.documents++;
      counts.textBytes += Buffer.byteLength(record.text);
      if (examples.length < exampleCount) examples.push(toExample(record));
    }
  }
  return {
    format: [...new Set(files.map((file) => file.format))].sort().join("+"),
    files: files.length,
    bytes: total,
    ...counts,
    compression: countBy(files, (file) => file.compression),
    columns,
    textField,
    skipped,
    examples,
  };
}

export function corpusText(corpus: CorpusInspection): string {
  const { format, files, bytes, documents, textBytes, columns, textField, skipped, examples } = corpus;
  const compression = Object.entries(corpus.compression)
    .filter(([name]) => name !== "none")
    .map(([name, count]) => `, ${formatCount(count)} with ${name}`);
  const reasons = Object.entries(skipped).map(([reason, count]) => `${formatCount(count)} ${reason}`);
  const parts = [
    [
      `corpus: ${format}, ${formatCount(files)} files${compression.join("")}, ${formatCount(bytes)} bytes`,
      `documents: ${formatCount(documents)} with ${formatCount(textBytes)} bytes of text; ` +
        `skipped: ${reasons.join(", ") || "none"}`,
    ].join("\n"),
  ];
  if (columns.length > 0) {
    const rows = columns.map(({ name, type }) => [name, type, name === textField ? "read as text" : ""]);
    parts.push(table(["column", "type", ""], rows, []));
  }
  if (textField !== null && textField !== "text") {
    parts.push(`in the config: fields: { text: ${JSON.stringify(textField)} }`);
  }
  for (const { file, line, id, text } of examples) {
    const where = `${file}${line > 0 ? `:${line}` : ""}${id === null ? "" : ` (id ${id})`}`;
    parts.push(`${where}\n  ${text.replaceAll(/\s+/g, " ").trim()}`);
  }
  return parts.join("\n\n");
}

function toExample({ file, line, sourceId, url, text }: RawRecord): CorpusInspection["examples"][number] {
  // Not in the middle of a surrogate pair.
  const cut = text.slice(0, exampleCharacters).replace(/[\uD800-\uDBFF]$/, "");
  return { file, line, id: sourceId, url, text: cut.length < text.length ? `${cut}...` : cut };
}

function countBy(files: readonly InputFile[], key: (file: InputFile) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const file of files) counts[key(file)] = (counts[key(file)] ?? 0) + 1;
  return counts;
}
