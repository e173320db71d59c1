import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { BucketRow } from "../../../pipeline/corpus/bucket-row.ts";
import { readDistinctRows } from "../../../pipeline/corpus/distinct-rows.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { putFile } from "./input-files.ts";

const row = (id: string, source: string, file: string, line: number, part?: number): BucketRow => ({
  id: id.repeat(32),
  text: `text ${id}`,
  source,
  sourceId: null,
  url: `http://${source}.example/${file}/${part}/${line}`,
  file,
  line,
  ...(part === undefined ? {} : { part }),
  bytes: 6,
  scores: [],
});

/** In the order in which they should be found, the first of each id to stay. */
const ordered = [
  row("3", "a", "x", 9),
  row("3", "a", "y", 1),
  row("5", "a", "x", 7),
  row("c", "a", "x", 50, 0),
  row("c", "a", "x", 2, 1),
  row("c", "a", "x", 10, 1),
  row("c", "b", "x", 1, 0),
  row("d", "b", "w", 1),
];

await test("whatever the order of rows, the smallest place of each text stays and the others are named in order", () =>
  withTempDir((folder) =>
    fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(ordered, { minLength: ordered.length }), async (rows) => {
        const lines = rows.map((of) => `${JSON.stringify(of)}\n`).join("");
        const { path, bytes } = await putFile(folder, "rows.ndjson", lines);
        const found = await readDistinctRows([{ path, from: 0, to: bytes }], 0, 1);
        assert.deepEqual(
          found.map(({ row, copies }) => [row, copies.length]),
          [
            [ordered[0], 1],
            [ordered[2], 0],
            [ordered[3], 3],
            [ordered[7], 0],
          ],
        );
        const places = found.flatMap(({ copies }) => copies);
        assert.deepEqual(
          places,
          [1, 4, 5, 6].map((at) => {
            const { source, file, part, line } = ordered[at]!;
            return { source, file, ...(part === undefined ? {} : { part }), line };
          }),
        );
      }),
      { numRuns: 50 },
    ),
  ));
