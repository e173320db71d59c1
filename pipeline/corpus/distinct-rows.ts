import type { BucketRow } from "./bucket-row.ts";
import { readBucketRows, type RowRange } from "./bucket-rows.ts";
import { compareBytes } from "./byte-order.ts";

/** Where a row comes from. */
type Origin = Pick<BucketRow, "source" | "file" | "part" | "line">;

/** A document, and where else its text stands. */
export interface DistinctRow {
  /** Of the rows with this id, the one with the smallest source, file and line. */
  readonly row: BucketRow;
  /** The others, in order. */
  readonly copies: readonly Origin[];
}

/**
 * Rows of one bucket of `buckets`, sorted by id. Equal texts have equal ids: a text is held once, however often it
 * stands in the corpus, a copy of it by its place alone.
 */
export async function readDistinctRows(
  inputs: readonly RowRange[],
  index: number,
  buckets: number,
): Promise<DistinctRow[]> {
  const rows = new Map<string, { row: BucketRow; copies: Origin[] }>();
  const none: Origin[] = [];
  const names = new Map<string, string>();
  // Each row that is read has strings of its own; those of copies are kept.
  const shared = (name: string) => names.get(name) ?? (names.set(name, name), name);
  const origin = ({ source, file, part, line }: BucketRow): Origin => ({
    source: shared(source),
    file: shared(file),
    ...(part === undefined ? {} : { part }),
    line,
  });
  for await (const row of readBucketRows<BucketRow>(inputs, index, buckets)) {
    const known = rows.get(row.id);
    if (known === undefined) {
      rows.set(row.id, { row, copies: none });
      continue;
    }
    const isFirst = compareOrigins(row, known.row) < 0;
    if (known.copies === none) known.copies = [];
    known.copies.push(origin(isFirst ? known.row : row));
    if (isFirst) known.row = row;
  }
  for (const { copies } of rows.values()) copies.sort(compareOrigins);
  return [...rows.values()].sort((left, right) => (left.row.id < right.row.id ? -1 : 1));
}

function compareOrigins(left: Origin, right: Origin): number {
  return (
    compareBytes(left.source, right.source) ||
    compareBytes(left.file, right.file) ||
    (left.part ?? 0) - (right.part ?? 0) ||
    left.line - right.line
  );
}
