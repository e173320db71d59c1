/** A table of mixtures and a table of measurements, joined by a key: never by position, which one lost row would shift. */
import { InputError } from "../core/errors.ts";
import { checkedWeights } from "./checked-weights.ts";
import type { ImportOptions, Measure, ProxyRun } from "./proxy-runs.ts";
import type { CsvRow, CsvTable } from "./read-csv.ts";
import { takeTargets } from "./take-targets.ts";

export interface TableShape {
  /** Columns that may be the key; the first that both tables have is. */
  readonly keys: readonly string[];
  /** Further columns that are neither a weight nor a measure. */
  readonly ignored: readonly string[];
  readonly domainName: (column: string) => string;
  readonly measure: (column: string) => Measure;
}

export interface JoinedTables {
  readonly domains: string[];
  readonly measures: Measure[];
  readonly runs: ProxyRun[];
  /** Rows whose weights did not sum to 1 before. */
  readonly renormalised: number;
}

/**
 * Runs in the order of the mixtures.
 *
 * @throws InputError naming file and line: there is no key, a key comes twice or in one table only, a cell is not a number,
 *   or weights do not sum to about 1
 */
export function joinTables(
  mixtures: CsvTable,
  measurements: CsvTable,
  shape: TableShape,
  { targets }: ImportOptions,
): JoinedTables {
  const key = shape.keys.find(
    (name) => mixtures.columns.includes(name) && measurements.columns.includes(name),
  );
  if (key === undefined) {
    throw new InputError(
      `${mixtures.path} and ${measurements.path} have no common column ${shape.keys.join(" or ")}`,
      "both need the column that says which run a row is of",
    );
  }
  const ignored = new Set([...shape.keys, ...shape.ignored]);
  const weightColumns = mixtures.columns.filter((name) => !ignored.has(name));
  const valueColumns = measurements.columns.filter((name) => !ignored.has(name));
  const taken = takeTargets(
    valueColumns.map((column) => ({ column, ...shape.measure(column) })),
    targets,
    measurements.path,
  );

  const measured = byKey(measurements, key);
  const mixed = byKey(mixtures, key);
  requireSameKeys(key, { table: mixtures, rows: mixed }, { table: measurements, rows: measured });
  let renormalised = 0;
  const runs = Array.from(mixed, ([id, row]) => {
    const { weights, changed } = checkedWeights(
      weightColumns.map((column) => numberIn(mixtures, row, column)),
      `${mixtures.path}:${row.line}`,
    );
    if (changed) renormalised++;
    const values = taken.map(({ column }) => numberIn(measurements, measured.get(id)!, column));
    return { id, weights, values };
  });
  return {
    domains: weightColumns.map(shape.domainName),
    measures: taken.map(({ column: _, ...measure }) => measure),
    runs,
    renormalised,
  };
}

function byKey(table: CsvTable, key: string): Map<string, CsvRow> {
  const column = table.columns.indexOf(key);
  const rows = new Map<string, CsvRow>();
  for (const row of table.rows) {
    const id = row.cells[column]!;
    const where = `${table.path}:${row.line}`;
    if (id === "") throw new InputError(`${where}: no ${key}`, "every row needs one");
    const first = rows.get(id);
    if (first !== undefined) {
      throw new InputError(
        `${where}: ${key} ${id} is on line ${first.line} too`,
        "keep the row that is meant: which mixture a measurement is of would be a guess",
      );
    }
    rows.set(id, row);
  }
  return rows;
}

interface KeyedTable {
  readonly table: CsvTable;
  readonly rows: ReadonlyMap<string, CsvRow>;
}

function requireSameKeys(key: string, left: KeyedTable, right: KeyedTable): void {
  for (const [here, there] of [
    [left, right],
    [right, left],
  ] as const) {
    const lost = [...here.rows].filter(([id]) => !there.rows.has(id));
    const [first] = lost;
    if (first === undefined) continue;
    const [id, { line }] = first;
    const others = lost.length === 1 ? "" : ` (and ${lost.length - 1} more such rows)`;
    throw new InputError(
      `${here.table.path}:${line}: ${key} ${id} is not in ${there.table.path}${others}`,
      "remove rows without a counterpart, or restore theirs",
    );
  }
}

function numberIn(table: CsvTable, { line, cells }: CsvRow, column: string): number {
  const text = cells[table.columns.indexOf(column)]!;
  const value = text === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new InputError(
    `${table.path}:${line}: ${column} is '${text}', not a number`,
    "remove the run from both files, or choose other columns with --target",
  );
}
