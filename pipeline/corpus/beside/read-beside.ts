import { basename } from "node:path";
import { npyRows, readNpyHeader } from "../../core/npy-rows.ts";
import type { ColumnKind } from "../layouts/layout.ts";
import { splitLines } from "../lines.ts";
import { readBytes } from "../read-bytes.ts";
import { BadFileError } from "../record.ts";
import type { BesideFile } from "./find-beside.ts";

/** What one row of a file beside the documents holds. */
export interface BesideRow {
  /** Of the document, where the file names it. */
  readonly id: string | null;
  readonly values: ReadonlyMap<string, number | Float64Array>;
}

/** Columns of a file beside the documents, going by its first row; an unreadable one has none. */
export async function besideColumns(file: BesideFile): Promise<Map<string, ColumnKind>> {
  if (file.kind === "array") {
    const { shape } = await readNpyHeader(file.path);
    if (shape.length === 1 || shape[1] === 1) return new Map([[file.column, "number"]]);
    return new Map(/embed/i.test(file.column) ? [[file.column, "numbers"]] : []);
  }
  for await (const { values } of attributeRows(file))
    return new Map([...values.keys()].map((name) => [name, "number"]));
  return new Map();
}

/** @throws BadFileError */
export function besideRows(file: BesideFile): AsyncGenerator<BesideRow> {
  return file.kind === "array" ? arrayRows(file) : attributeRows(file);
}

async function* arrayRows({ path, column }: BesideFile): AsyncGenerator<BesideRow> {
  for await (const row of npyRows(path)) {
    yield { id: null, values: new Map([[column, row.length === 1 ? row[0]! : row]]) };
  }
}

async function* attributeRows(file: BesideFile): AsyncGenerator<BesideRow> {
  for await (const { number, bytes } of splitLines(readBytes(file, () => {}))) {
    const row = parseRow(bytes);
    if (row === undefined)
      throw new BadFileError(`${basename(file.path)}, line ${number}: not a row of attributes`);
    yield row;
  }
}

/** dolma: {id, attributes: {name: [[start, end, value]]}}; RedPajama-V2: {id, quality_signals: {...}}. */
function parseRow(bytes: Uint8Array | undefined): BesideRow | undefined {
  let row: { id?: unknown; attributes?: unknown; quality_signals?: unknown } | null;
  try {
    row = JSON.parse(Buffer.from(bytes ?? []).toString()) as typeof row;
  } catch {
    return undefined;
  }
  const attributes = row?.attributes ?? row?.quality_signals;
  if (attributes === null || typeof attributes !== "object") return undefined;
  const values = new Map<string, number>();
  for (const [name, spans] of Object.entries(attributes)) values.set(name, spanMean(spans));
  return { id: typeof row?.id === "string" ? row.id : null, values };
}

/** The value of a span over the whole document; of several, their mean by length; NaN where there is none. */
function spanMean(spans: unknown): number {
  if (!Array.isArray(spans)) return Number.NaN;
  let sum = 0;
  let length = 0;
  for (const span of spans as unknown[]) {
    const [start, end, value] = Array.isArray(span) ? (span as unknown[]) : [];
    if (typeof value !== "number") continue;
    // An empty document has one empty span, whose value still counts.
    const weight = Math.max(Number(end) - Number(start), 1e-9);
    sum += weight * value;
    length += weight;
  }
  return length === 0 ? Number.NaN : sum / length;
}
