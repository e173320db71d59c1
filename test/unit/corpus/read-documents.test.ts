import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { ndjsonToParquet } from "../../../pipeline/corpus/ndjson-to-parquet.ts";
import { readDocuments } from "../../../pipeline/corpus/read-documents.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { putFile } from "./input-files.ts";

async function collect(
  path: string,
  columns: string[],
  rows: { from?: number; to?: number; batchRows: number },
) {
  const batches: unknown[][][] = [];
  for await (const batch of readDocuments(path, columns, rows))
    batches.push(batch.map((row) => Object.values(row)));
  return batches;
}

const columnTypes = { name: "VARCHAR", n: "INTEGER", x: "DOUBLE" };

await test("JSON lines become a table with the same rows, values and order", () =>
  withTempDir(async (folder) => {
    const rows = [
      { name: "it's \u2028", n: -1, x: 0.1 },
      { name: null, n: 2 ** 31 - 1, x: 5e-324 },
      { x: 1.7976931348623157e308 },
    ];
    await putFile(folder, "a.ndjson", rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const path = join(folder, "a.parquet");
    await ndjsonToParquet(join(folder, "a.ndjson"), path, columnTypes);
    assert.deepEqual(await collect(path, ["x", "name", "n"], { batchRows: 10 }), [
      [
        [0.1, "it's \u2028", -1],
        [5e-324, null, 2 ** 31 - 1],
        [1.7976931348623157e308, null, null],
      ],
    ]);
  }));

await test("batches and ranges of rows, over row groups and DuckDB's own chunks", () =>
  withTempDir(async (folder) => {
    const count = 20_000;
    const lines = Array.from({ length: count }, (_, n) => `{"n":${n}}\n`);
    await putFile(folder, "a.ndjson", lines.join(""));
    const path = join(folder, "a.parquet");
    await ndjsonToParquet(join(folder, "a.ndjson"), path, columnTypes);

    const all = await collect(path, ["n"], { batchRows: 3000 });
    assert.deepEqual(
      all.map((batch) => batch.length),
      [3000, 3000, 3000, 3000, 3000, 3000, 2000],
    );
    assert.deepEqual(
      all.flat(2),
      Array.from({ length: count }, (_, n) => n),
    );
    const part = await collect(path, ["n"], { from: 8190, to: 8195, batchRows: 2 });
    assert.deepEqual(part, [[[8190], [8191]], [[8192], [8193]], [[8194]]]);
    assert.deepEqual(await collect(path, ["n"], { from: 19_999, batchRows: 2 }), [[[19_999]]]);
    assert.deepEqual(await collect(path, ["n"], { from: 5, to: 5, batchRows: 2 }), []);

    for await (const batch of readDocuments(path, ["n"], { batchRows: 1 })) {
      assert.equal(batch[0]!["n"], 0, "a reader may stop early");
      break;
    }
  }));

await test("an unreadable table is an input error that names it", () =>
  withTempDir(async (folder) => {
    const { path } = await putFile(folder, "a.parquet", "not Parquet");
    await assert.rejects(collect(path, ["n"], { batchRows: 1 }), (error: unknown) => {
      assert.ok(error instanceof InputError);
      return error.message.startsWith(path) && /run again/.test(error.hint);
    });
  }));
