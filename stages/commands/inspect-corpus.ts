/** What `climb ingest` would see of a corpus: its layout, columns, documents, skips and a few examples. */
import { ConfigError, InterruptedError } from "../../pipeline/core/errors.ts";
import { discoverFiles, type InputFile, type LeftAside } from "../../pipeline/corpus/discover.ts";
import { readRecords } from "../../pipeline/corpus/read-records.ts";
import { type Recognition, recogniseSources } from "../../pipeline/corpus/recognise.ts";
import type { RawRecord } from "../../pipeline/corpus/record.ts";
import { SourceConfig } from "../../pipeline/schema/corpus-config.ts";
import { terminalProgress } from "./terminal.ts";

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
  /** What was recognised, and where it has what; one for each format. */
  readonly recognised: readonly Omit<Recognition, "source">[];
  /** Documents by language and by label, where the corpus says: the most frequent first. */
  readonly languages: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, number>>;
  readonly scores: Readonly<Record<string, Range>>;
  /** Ready-made embeddings; null if there are none. */
  readonly vectors: { readonly documents: number; readonly dimension: number } | null;
  readonly leftAside: readonly Omit<LeftAside, "source">[];
  readonly skipped: Readonly<Record<string, number>>;
  readonly examples: readonly {
    readonly file: string;
    readonly line: number;
    readonly id: string | null;
    readonly url: string | null;
    readonly text: string;
  }[];
}

interface Range {
  readonly documents: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

const exampleCount = 3;
const exampleCharacters = 300;
/** Different languages or labels counted; what is new beyond that is counted as "others". */
const countedValues = 1000;

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
  const source = SourceConfig.parse({ name: "corpus", files: path, format: format.data });
  if (options.text !== undefined) source.fields.text = options.text;
  const { files, leftAside } = await discoverFiles([source], process.cwd());
  const recognised = await recogniseSources([source], files);

  const talk = terminalProgress();
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let read = 0;
  const counts = { documents: 0, textBytes: 0 };
  const skipped: Record<string, number> = {};
  const languages = new Map<string, number>();
  const labels = new Map<string, number>();
  const scores = new Map<string, Range>();
  const vectors = { documents: 0, dimension: 0 };
  const examples: CorpusInspection["examples"][number][] = [];
  for (const file of files) {
    const reading = recognised.find(({ format }) => format === file.format)!;
    const { fields } = reading;
    const records = readRecords(file, {
      fields,
      scores: reading.scores,
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
      tally(languages, record.language ?? ofFolder(file, fields.language));
      tally(labels, record.label ?? ofFolder(file, fields.label));
      reading.scores.forEach((name, index) => widen(scores, name, record.scores[index]!));
      if (record.vector !== undefined) {
        vectors.documents++;
        vectors.dimension = record.vector.length;
      }
      if (examples.length < exampleCount) examples.push(toExample(record));
    }
  }
  return {
    format: [...new Set(files.map((file) => file.format))].sort().join("+"),
    files: files.length,
    bytes: total,
    ...counts,
    compression: countBy(files, (file) => file.compression),
    recognised: recognised.map(({ source: _, ...reading }) => reading),
    languages: mostFrequent(languages),
    labels: mostFrequent(labels),
    scores: Object.fromEntries(scores),
    vectors: vectors.documents === 0 ? null : vectors,
    leftAside: leftAside.map(({ name, why }) => ({ name, why })),
    skipped,
    examples,
  };
}

const ofFolder = ({ folderKeys }: InputFile, key: string | null) =>
  key === null ? undefined : folderKeys[key];

function tally(counts: Map<string, number>, value: string | undefined): void {
  if (value === undefined) return;
  const key = counts.has(value) || counts.size < countedValues ? value : "others";
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function mostFrequent(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([left, a], [right, b]) => b - a || (left < right ? -1 : 1)));
}

function widen(ranges: Map<string, Range>, name: string, value: number | null): void {
  if (value === null || Number.isNaN(value)) return;
  const { documents, min, mean, max } = ranges.get(name) ?? { documents: 0, min: value, mean: 0, max: value };
  ranges.set(name, {
    documents: documents + 1,
    min: Math.min(min, value),
    mean: mean + (value - mean) / (documents + 1),
    max: Math.max(max, value),
  });
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
