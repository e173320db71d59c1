/** Which corpus this is, and where its records have what a document is made of. */
import type { SourceConfig } from "../schema/corpus-config.ts";
import { besideColumns } from "./beside/read-beside.ts";
import type { InputFile } from "./discover.ts";
import type { FileFormat } from "./file-format.ts";
import { type Column, firstColumns } from "./first-rows.ts";
import { generalLayout, usual } from "./layouts/general.ts";
import { knownLayouts } from "./layouts/known-layouts.ts";
import type { ColumnKind, Evidence, Layout } from "./layouts/layout.ts";
import type { DocumentFields } from "./record.ts";

/** How the files of one format are read in one source. */
export interface Reading {
  readonly source: string;
  readonly format: FileFormat;
  /** Name of the corpus or tool. */
  readonly layout: string;
  /** What shows that it is this layout. */
  readonly why: string;
  readonly fields: DocumentFields;
  /** Numeric columns carried along. */
  readonly scores: readonly string[];
}

/** A reading with the columns it was found by. */
export interface Recognition extends Reading {
  readonly columns: readonly Column[];
  /** Columns in files beside the documents. */
  readonly beside: readonly string[];
  readonly folderKeys: readonly string[];
}

type Asked = Pick<SourceConfig, "name" | "fields" | "scores">;

/**
 * One reading for each format a source has files of, going by the first file with a readable row. What the config
 * names is taken as it is; the rest is as the layout says.
 *
 * @param files of all sources
 */
export async function recogniseSources(
  sources: readonly Asked[],
  files: readonly InputFile[],
): Promise<Recognition[]> {
  const found: Recognition[] = [];
  for (const source of sources) {
    const own = files.filter((file) => file.source === source.name);
    for (const format of [...new Set(own.map((file) => file.format))].sort()) {
      found.push(
        await recogniseFormat(
          source,
          format,
          own.filter((file) => file.format === format),
        ),
      );
    }
  }
  return found;
}

async function recogniseFormat(
  source: Asked,
  format: FileFormat,
  files: readonly InputFile[],
): Promise<Recognition> {
  let columns: Column[] = [];
  let first = files[0]!;
  if (format === "jsonl" || format === "parquet") {
    for (const file of files.filter(({ bytes }) => bytes > 0).slice(0, filesLookedAt)) {
      columns = await firstColumns(file);
      first = file;
      if (columns.length > 0) break;
    }
  }
  const beside = new Map<string, ColumnKind>();
  for (const file of first.beside)
    for (const [name, kind] of await besideColumns(file)) beside.set(name, kind);

  const kinds = new Map(columns.map(({ name, kind }) => [name, kind]));
  const evidence = { format, columns: kinds, folderKeys: first.folderKeys, beside: [...beside.keys()] };
  const { layout, why } = recognise(evidence);
  const { fields, scores } = findFields(layout, evidence, beside, columns);
  const asked = Object.entries(source.fields).filter(([, column]) => column !== null);
  const given: DocumentFields = { ...fields, ...Object.fromEntries(asked) };
  return {
    source: source.name,
    format,
    layout: layout.name,
    why,
    // A text asked for is not to be replaced by token ids.
    fields: source.fields.text === null ? given : { ...given, tokens: null },
    scores: source.scores === "auto" ? scores : source.scores,
    columns,
    beside: [...beside.keys()],
    folderKeys: Object.keys(first.folderKeys),
  };
}

/** Damaged files at the beginning of a corpus are passed over, but not all of a corpus. */
const filesLookedAt = 8;

/** The first known layout that the evidence shows; the general one if none. */
function recognise(evidence: Evidence): { layout: Layout; why: string } {
  for (const layout of knownLayouts) {
    const why = evidence.columns.size === 0 ? undefined : layout.shownBy(evidence);
    if (why !== undefined) return { layout, why };
  }
  const layout = generalLayout(evidence.format);
  return { layout, why: evidence.columns.size === 0 ? "the files' form" : layout.shownBy(evidence)! };
}

function findFields(
  layout: Layout,
  { columns, folderKeys }: Evidence,
  beside: ReadonlyMap<string, ColumnKind>,
  described: readonly Column[],
): Pick<Reading, "fields" | "scores"> {
  const kindOf = (name: string): ColumnKind | undefined =>
    columns.get(name) ?? beside.get(name) ?? (folderKeys[name] === undefined ? undefined : "text");
  const first = (names: readonly string[], ...kinds: readonly ColumnKind[]) =>
    names.find((name) => kinds.includes(kindOf(name)!)) ?? null;

  const tokens = first(layout.tokens ?? usual.tokens, "numbers");
  const text = first(layout.text ?? usual.text, "text") ?? (tokens === null ? longestText(described) : null);
  const scores = [...columns, ...beside]
    .filter(
      ([name, kind]) =>
        kind === "number" && (layout.scores ?? usual.scores).some((wanted) => isMeant(name, wanted)),
    )
    .map(([name]) => name);
  return {
    fields: {
      text,
      tokens,
      id: first(layout.id ?? usual.id, "text", "number"),
      url: first(layout.url ?? usual.url, "text"),
      language: first(layout.language ?? usual.language, "text"),
      label: first(layout.label ?? usual.label, "text", "number"),
      embedding: first(layout.embedding ?? usual.embedding, "numbers"),
    },
    scores: [...new Set(scores)],
  };
}

const isMeant = (name: string, wanted: string | RegExp) =>
  typeof wanted === "string" ? wanted === name : wanted.test(name);

/** Where no column has a usual name: the one with the longest text in it; null if none holds text. */
function longestText(columns: readonly Column[]): string | null {
  const texts = columns.filter(({ kind }) => kind === "text");
  const [longest] = texts.toSorted((left, right) => (right.meanCharacters ?? 0) - (left.meanCharacters ?? 0));
  return longest?.name ?? null;
}
