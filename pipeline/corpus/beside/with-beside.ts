import { basename } from "node:path";
import type { InputFile } from "../discover.ts";
import { BadFileError, type RawRecord, type ReadOptions, type Records } from "../record.ts";
import { besideColumns, type BesideRow, besideRows } from "./read-beside.ts";

/**
 * Records with what the files beside theirs say of them. A column of the documents themselves wins.
 *
 * @throws BadFileError if such a file does not have exactly the documents' rows
 */
export async function* withBeside(
  records: Records,
  file: InputFile,
  { fields, scores }: ReadOptions,
): Records {
  const wanted = new Set([...scores, fields.label, fields.embedding].filter((name) => name !== null));
  const open: { name: string; rows: AsyncGenerator<BesideRow>; row: BesideRow | undefined; at: number }[] =
    [];
  for (const beside of file.beside) {
    if (![...(await besideColumns(beside)).keys()].some((name) => wanted.has(name))) continue;
    open.push({ name: basename(beside.path), rows: besideRows(beside), row: undefined, at: 0 });
  }
  if (open.length === 0) {
    yield* records;
    return;
  }
  let lines = 0;
  try {
    for await (const record of records) {
      lines = record.line;
      if ("reason" in record) {
        yield record;
        continue;
      }
      const values = new Map<string, number | Float64Array>();
      for (const beside of open) {
        for (; beside.at < record.line; beside.at++) {
          const next = await beside.rows.next();
          if (next.done === true)
            throw mismatch(beside.name, beside.at, "fewer than the documents beside it");
          beside.row = next.value;
        }
        const { id } = beside.row!;
        if (
          id !== null &&
          record.sourceId !== null &&
          id !== record.sourceId &&
          !id.endsWith(`/${record.line - 1}`)
        ) {
          throw new BadFileError(
            `${beside.name}, line ${record.line}, is of document '${id}', and the documents file has '${record.sourceId}' there`,
          );
        }
        for (const [name, value] of beside.row!.values) values.set(name, value);
      }
      yield complete(record, values, fields, scores);
    }
    for (const beside of open) {
      for (; beside.at <= lines; beside.at++) if ((await beside.rows.next()).done === true) break;
      if (beside.at > lines)
        throw mismatch(beside.name, beside.at, `more than the ${lines} of the documents beside it`);
    }
  } finally {
    for (const { rows } of open) await rows.return(undefined);
  }
}

function mismatch(name: string, rows: number, than: string): BadFileError {
  return new BadFileError(`${name} has ${rows} rows, ${than}`);
}

function complete(
  record: RawRecord,
  values: ReadonlyMap<string, number | Float64Array>,
  { label, embedding }: ReadOptions["fields"],
  scores: ReadOptions["scores"],
): RawRecord {
  const of = (name: string | null) => (name === null ? undefined : values.get(name));
  const given = of(label);
  const vector = of(embedding);
  return {
    ...record,
    ...(record.label === undefined && typeof given === "number" && !Number.isNaN(given)
      ? { label: String(given) }
      : {}),
    ...(record.vector === undefined && vector instanceof Float64Array
      ? { vector: Float32Array.from(vector) }
      : {}),
    scores: record.scores.map((score, index) => {
      const value = score ?? of(scores[index]!);
      return typeof value === "number" && !Number.isNaN(value) ? value : null;
    }),
  };
}
