import type { DuckDBConnection } from "@duckdb/node-api";

/**
 * A connection to a fresh in-memory DuckDB on one thread, which keeps rows in order and output bytes the
 * same everywhere. Loads the library on first use and never fetches extensions.
 */
export async function openDuckdb(): Promise<{ connection: DuckDBConnection; close: () => void }> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "1",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** A string literal in SQL. */
export function sqlText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A column's name in SQL. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
