import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { npyRows, readNpyHeader } from "../../../pipeline/core/npy-rows.ts";
import { writeNpy } from "../../../pipeline/core/npy.ts";
import { discoverFiles } from "../../../pipeline/corpus/discover.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { fields, putFile, readAll } from "./input-files.ts";

const documents = '{"id":"a","text":"one"}\n{"id":"b"}\n\n{"id":"c","text":"three"}\n';
const row = (id: string, value: number) => `{"id":"${id}","attributes":{"x__y":[[0,9,${value}]]}}\n`;

async function readBeside(folder: string, attributes: string) {
  await putFile(folder, "documents/0.jsonl", documents);
  await putFile(folder, "attributes/t/0.jsonl", attributes);
  const { files, leftAside } = await discoverFiles([{ name: "web", files: [folder], format: "auto" }], "/");
  assert.equal(files.length, 1);
  assert.deepEqual(leftAside, [
    { source: "web", name: "attributes/t/0.jsonl", why: "goes with documents of another folder" },
  ]);
  return readAll(files[0]!, { fields, scores: ["x__y"] });
}

await test("attributes stay with their line, also after a skip and an empty line", () =>
  withTempDir(async (folder) => {
    const rows = [row("a", 1), row("b", 2), row("?", 3), row("c", 4)];
    const records = await readBeside(folder, rows.join(""));
    assert.deepEqual(
      records.map((record) => ("reason" in record ? record.reason : record.scores)),
      [[1], "missing-text", [4]],
    );
  }));

await test("too few rows, too many, or rows of other documents are refused", async () => {
  for (const [rows, message] of [
    [[row("a", 1)], /0\.jsonl has 1 rows, fewer than the documents/],
    [
      ["a", "b", "?", "c", "d"].map((id) => row(id, 1)),
      /has 4 rows, more than the 4|more than the 4 of the documents/,
    ],
    [
      ["a", "b", "?", "d"].map((id) => row(id, 1)),
      /line 4, is of document 'd', and the documents file has 'c'/,
    ],
    [["not json\n"], /line 1: not a row of attributes/],
  ] as const) {
    await withTempDir((folder) =>
      assert.rejects(readBeside(folder, rows.join("")), (error: unknown) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        return true;
      }),
    );
  }
});

const header = (descr: string, length: number) => {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${length},), }`;
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1"),
    Buffer.from(`${text.padEnd(117)}\n`),
  ]);
};

await test("rows of an array of any numeric type, read in pieces", () =>
  withTempDir(async (folder) => {
    const path = join(folder, "a.npy");
    const values = Float32Array.from({ length: 300_000 * 2 }, (_, index) => index / 4);
    await writeNpy(path, values, [300_000, 2]);
    const found: number[] = [];
    for await (const row of npyRows(path)) found.push(...row);
    assert.deepEqual(Float32Array.from(found), values);

    // numpy.save of float16 [1, -2, 0.5, 6e-8 (the smallest), inf] and int64 [1, -2].
    const halves = Buffer.from("003c00c000380100007c", "hex");
    const longs = Buffer.from("0100000000000000feffffffffffffff", "hex");
    const of = async (bytes: Buffer) => {
      const file = await putFile(folder, "b.txt", bytes);
      const rows: number[] = [];
      for await (const row of npyRows(file.path)) rows.push(...row);
      return rows;
    };
    assert.deepEqual(await of(Buffer.concat([header("<f2", 5), halves])), [1, -2, 0.5, 2 ** -24, Infinity]);
    assert.deepEqual(await of(Buffer.concat([header("<i8", 2), longs])), [1, -2]);
    await assert.rejects(of(Buffer.concat([header("<i8", 3), longs])), /its header says 152/);
    await assert.rejects(of(Buffer.concat([header("<c8", 1), longs])), /type '<c8' are not supported/);
    await mkdir(join(folder, "c"));
    await assert.rejects(readNpyHeader((await putFile(folder, "c.txt", "x")).path), /not a \.npy file/);
  }));
