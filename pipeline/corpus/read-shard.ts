import { join } from "node:path";
import { InterruptedError } from "../core/errors.ts";
import type { NearDuplicatesConfig } from "../schema/clean-config.ts";
import type { CorpusConfig } from "../schema/corpus-config.ts";
import { type BucketRow, documentId, packVector } from "./bucket-row.ts";
import type { InputFile } from "./discover.ts";
import { BucketRows } from "./bucket-rows.ts";
import { LineFiles } from "./line-files.ts";
import { BandFile, bandsFile } from "./near-duplicates/band-file.ts";
import { readRecords } from "./read-records.ts";
import type { Reading } from "./recognise.ts";
import type { DocumentFields, RawRecord, Skip } from "./record.ts";

type Limits = Pick<CorpusConfig, "minCharacters" | "maxCharacters" | "onBadFile">;

export interface ReadShardInput {
  /** Read in order. */
  readonly files: readonly InputFile[];
  /** One for each source and format. */
  readonly readings: readonly Pick<Reading, "source" | "format" | "fields" | "scores">[];
  readonly limits: Limits;
  /** Score columns of the whole corpus, in order; a source gives values for its own. */
  readonly scores: readonly string[];
  readonly buckets: number;
  /** Measures documents, changes them and leaves some out; none to take them as they are. */
  readonly cleaner?: Cleaner;
  /** How near duplicates are to be found; null if they are not. */
  readonly nearDuplicates?: NearDuplicatesConfig | null;
  readonly outDir: string;
  readonly signal: AbortSignal;
  /** In bytes of the files. */
  readonly onProgress: (done: number, total: number) => void;
}

/** What is done to a document between reading and writing it. */
interface Cleaner {
  /** Signals, which follow the scores. */
  readonly columns: readonly string[];
  readonly clean: (document: Pick<RawRecord, "text" | "url" | "language">) =>
    | (Pick<RawRecord, "text" | "language"> & {
        readonly signals: readonly (number | null)[];
        readonly addresses: number;
      })
    | Pick<Skip, "reason" | "detail">;
}

/** What a shard read. */
export interface ReadCounts {
  readonly documents: number;
  readonly skipped: number;
  /** Documents in which addresses were masked, and how many. */
  readonly masked: { readonly documents: number; readonly addresses: number };
  /** Where each bucket's rows begin in the file of rows, and where the last one's end. */
  readonly buckets: readonly number[];
  /** Documents kept of each file, or of the part of it that was read. */
  readonly kept: readonly { readonly source: string; readonly file: string; readonly documents: number }[];
  /** Of each part of a file that was cut by bytes, its lines; null if it could not be read to its end. */
  readonly parts: readonly {
    readonly source: string;
    readonly file: string;
    readonly part: number;
    readonly fromByte: number;
    readonly lines: number | null;
  }[];
}

/**
 * Read some files, keep what is a document and write it to its bucket.
 *
 *   out   rows.ndjson     BucketRow lines, bucket after bucket; no file if there are none
 *         bands.bin       what near duplicates are found by, if they are looked for
 *         skipped.jsonl   source, file, part, line, reason and detail of every record left out
 *
 * @throws InputError as readRecords does
 * @throws InterruptedError if `signal` is aborted
 */
export async function readShard(input: ReadShardInput): Promise<ReadCounts> {
  const { files, readings, limits, scores, buckets, cleaner, nearDuplicates, outDir, signal, onProgress } =
    input;
  const out = new LineFiles(outDir);
  const rows = new BucketRows<BucketRow>(outDir, buckets);
  const parts: ReadCounts["parts"][number][] = [];
  const keptOf: ReadCounts["kept"][number][] = [];
  const totalBytes = files.reduce((total, file) => total + file.bytes, 0);
  let doneBytes = 0;
  const onBytes = (bytes: number) => onProgress((doneBytes += bytes), totalBytes);
  let documents = 0;
  let skipped = 0;
  const masked = { documents: 0, addresses: 0 };
  const bands = nearDuplicates ? new BandFile(join(outDir, bandsFile), nearDuplicates) : undefined;

  for (const file of files) {
    const before = documents;
    const reading = readings.find(({ source, format }) => source === file.source && format === file.format);
    if (reading === undefined) throw new Error(`no reading of '${file.source}' for ${file.path}`);
    const own = scores.map((name) => (reading.scores.includes(name) ? name : null));
    const cut = file.part?.unit === "bytes" ? { part: file.part.index } : {};
    const onLines = (lines: number | null) => {
      if (file.part?.unit !== "bytes") return;
      const { index: part, from: fromByte } = file.part;
      parts.push({ source: file.source, file: file.name, part, fromByte, lines });
    };
    const options = { fields: reading.fields, scores: own, onBytes, onLines, onBadFile: limits.onBadFile };
    const ofFolder = fromFolder(file, reading.fields);
    for await (const record of readRecords(file, options)) {
      if (signal.aborted) throw new InterruptedError();
      const kept =
        "reason" in record ? record : cleaned({ ...ofFolder, ...record }, file, limits, cleaner, masked);
      if ("reason" in kept) {
        skipped++;
        await out.add("skipped.jsonl", { source: file.source, ...cut, ...kept });
      } else {
        documents++;
        await bands?.add(kept.id, kept.text);
        await rows.add({ ...kept, ...cut });
      }
    }
    keptOf.push({ source: file.source, file: file.name, documents: documents - before });
  }
  await out.flush();
  await bands?.finish();
  return { documents, skipped, masked, buckets: await rows.finish(), kept: keptOf, parts };
}

/** What a file's folders say of its documents, for fields that are not in the records themselves. */
function fromFolder(
  { folderKeys, name }: InputFile,
  { language, label }: DocumentFields,
): Pick<RawRecord, "language" | "label"> {
  // A source of law/*.jsonl and medicine/*.jsonl needs no key on its folders to be read as two labels.
  const folder = name.includes("/") ? name.slice(0, name.indexOf("/")) : undefined;
  const written = (key: string | null) =>
    key === null ? undefined : (folderKeys[key] ?? (key === "folder" ? folder : undefined));
  const of = { language: written(language), label: written(label) };
  return {
    ...(of.language === undefined ? {} : { language: of.language }),
    ...(of.label === undefined ? {} : { label: of.label }),
  };
}

/** The document of a record within the limits, as the cleaner leaves it. */
function cleaned(
  record: RawRecord,
  file: InputFile,
  limits: Limits,
  cleaner: Cleaner | undefined,
  masked: { documents: number; addresses: number },
): BucketRow | Skip {
  const text = wellFormed(record.text);
  const outside = outsideLimits(text, limits);
  const place = { file: record.file, line: record.line };
  if (outside !== undefined) return { ...place, ...outside };
  if (cleaner === undefined) return toDocument({ ...record, text }, file);
  const found = cleaner.clean({ ...record, text });
  if ("reason" in found) return { ...place, ...found };
  const { signals, addresses, ...changed } = found;
  if (addresses > 0) masked.documents++;
  masked.addresses += addresses;
  return toDocument({ ...record, ...changed, scores: [...record.scores, ...signals] }, file);
}

function outsideLimits(
  text: string,
  { minCharacters, maxCharacters }: Limits,
): Pick<Skip, "reason" | "detail"> | undefined {
  const { length } = text;
  if (text.trim() === "") return { reason: "empty-text", detail: "nothing but white space" };
  if (length < minCharacters) {
    return { reason: "too-short", detail: `${length} characters, corpus.minCharacters is ${minCharacters}` };
  }
  if (length > maxCharacters) {
    return { reason: "too-long", detail: `${length} characters, corpus.maxCharacters is ${maxCharacters}` };
  }
  return undefined;
}

function toDocument(record: RawRecord, { source, folderKeys }: InputFile): BucketRow {
  const { text, file, line, sourceId, url, language, label, vector, question, scores } = record;
  return {
    id: documentId(text),
    text,
    source,
    sourceId: sourceId === null ? null : wellFormed(sourceId),
    url: url === null ? null : wellFormed(url),
    ...(language === undefined ? {} : { language: wellFormed(language) }),
    ...(label === undefined ? {} : { label: wellFormed(label) }),
    ...(Object.keys(folderKeys).length === 0 ? {} : { metadata: wellFormed(JSON.stringify(folderKeys)) }),
    ...(vector === undefined ? {} : { vector: packVector(vector) }),
    ...(question === undefined ? {} : { question: wellFormed(JSON.stringify(question)) }),
    file,
    line,
    bytes: Buffer.byteLength(text),
    scores,
  };
}

/** JSON may hold half a surrogate pair, which has no UTF-8. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\uFFFD");
}
