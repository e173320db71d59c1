import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { readCsv } from "../../../pipeline/interop/read-csv.ts";
import { readPrior } from "../../../pipeline/interop/read-prior.ts";
import { withFiles } from "./runs-folder.ts";

const read = (content: string) =>
  withFiles({ "it's.csv": content }, async (dir) => {
    const { columns, rows } = await readCsv(join(dir, "it's.csv"));
    return { columns, rows };
  });

const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;

await test("quotes, a nameless column, blank lines and CRLF, by hand; lines are the file's", async () => {
  assert.deepEqual(await read(',"a, b",c\n0,"say ""x""",#2\n\n1,,y\n'), {
    columns: ["", "a, b", "c"],
    rows: [
      { line: 2, cells: ["0", 'say "x"', "#2"] },
      { line: 4, cells: ["1", "", "y"] },
    ],
  });
  assert.deepEqual(await read("\uFEFFindex,w\r\n1,2\r\n"), {
    columns: ["index", "w"],
    rows: [{ line: 2, cells: ["1", "2"] }],
  });
});

await test("what is not a table is refused with its line", async () => {
  await assert.rejects(read("a,b\n1,2\n\n3\n"), /it's.csv:4: .*Columns: 2 Found: 1/);
  await assert.rejects(read('a,b\n1,"x\ny"\n'), /3 lines hold 2 records/);
  await assert.rejects(read("a,a\n1,2\n"), /it's.csv:1: two columns are called 'a'/);
  await assert.rejects(readCsv("/nowhere.csv"), /cannot read \/nowhere.csv \(ENOENT\)/);
});

await test("any cells come back as they were quoted", async () => {
  const cell = fc.string({ unit: fc.constantFrom("a", "7", ",", '"', "#", "'", ".", "ä"), maxLength: 6 });
  const tables = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(tables, async (cells) => {
      const lines = [["id", "x", "y"], ...cells.map((pair, index) => [`r${index}`, ...pair])];
      const { rows } = await read(lines.map((line) => `${line.map(quote).join(",")}\n`).join(""));
      assert.deepEqual(
        rows.map((row) => row.cells.slice(1)),
        cells,
      );
    }),
    { seed: 3, numRuns: 30 },
  );
});

await test("a prior in tokens is normalised; other domains are refused", () =>
  withFiles(
    { "prior.yaml": "web: 300\nbooks: 100\n", "prior.json": '{"web": 1, "code": 2}' },
    async (dir) => {
      assert.deepEqual([...(await readPrior(join(dir, "prior.yaml"), ["books", "web"]))], [0.25, 0.75]);
      await assert.rejects(
        readPrior(join(dir, "prior.json"), ["books", "web"]),
        /missing: books; unknown: code/,
      );
      await assert.rejects(readPrior(join(dir, "none"), ["books"]), /ENOENT/);
    },
  ));
