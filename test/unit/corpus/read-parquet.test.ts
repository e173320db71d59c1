import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { fields, putFile, putQuery, readAll, textsOf } from "./input-files.ts";

await test("rows with the columns asked for; a NULL text is a skip", () =>
  withTempDir(async (folder) => {
    const query = `SELECT * FROM (VALUES
      ('first \u2028 \u{1F600}', 7::BIGINT, 'https://a.example', 2.5::FLOAT, 3::DECIMAL(4, 1), 'x'),
      (NULL, 8, NULL, NULL, NULL, NULL),
      ('third', 9, NULL, 'NaN', 4, '5'))
      t(text, id, url, score, "odd ""name", label)`;
    const file = await putQuery(join(folder, "it's [1].parquet"), query, "FORMAT parquet");
    const name = "it's [1].parquet";
    const records = await readAll(file, { scores: ["score", 'odd "name', "label", "absent", null] });
    assert.deepEqual(records, [
      {
        text: "first \u2028 \u{1F600}",
        sourceId: "7",
        url: "https://a.example",
        scores: [2.5, 3, null, null, null],
        file: name,
        line: 1,
      },
      { file: name, line: 2, reason: "missing-text", detail: "the text is NULL" },
      {
        text: "third",
        sourceId: "9",
        url: null,
        scores: [Number.NaN, 4, null, null, null],
        file: name,
        line: 3,
      },
    ]);
  }));

await test("keeps the order of rows over many row groups", () =>
  withTempDir(async (folder) => {
    const query = "SELECT 'row ' || i AS text FROM range(10000) t(i)";
    const file = await putQuery(join(folder, "a.parquet"), query, "FORMAT parquet, ROW_GROUP_SIZE 2048");
    const texts = textsOf(await readAll(file));
    assert.deepEqual(
      texts,
      Array.from({ length: 10_000 }, (_, row) => `row ${row}`),
    );
  }));

await test("binary text is decoded; a value that is not UTF-8 costs one record", () =>
  withTempDir(async (folder) => {
    const query = `SELECT * FROM (VALUES (encode('ünïcode')), ('\\xFF\\xFE'::BLOB), (encode('end'))) t(text)`;
    const file = await putQuery(join(folder, "a.parquet"), query, "FORMAT parquet");
    assert.deepEqual(textsOf(await readAll(file)), ["ünïcode", "(invalid-utf8)", "end"]);
  }));

await test("a missing text column names the columns there are", () =>
  withTempDir(async (folder) => {
    const file = await putQuery(
      join(folder, "a.parquet"),
      "SELECT 'x' AS content, 1 AS id",
      "FORMAT parquet",
    );
    const columns = (error: unknown) =>
      error instanceof InputError &&
      error.message.startsWith(file.path) &&
      /one of.*: content, id$/.test(error.hint);
    await assert.rejects(readAll(file), columns);
    const wrongType = { fields: { ...fields, text: "id" } };
    await assert.rejects(readAll(file, wrongType), /column 'id' is INTEGER, not text/);
  }));

await test("cut in half or damaged inside: an error naming the file, or a skip", () =>
  withTempDir(async (folder) => {
    const query = "SELECT 'row ' || i || md5(i::VARCHAR) AS text FROM range(10000) t(i)";
    const whole = await readFile((await putQuery(join(folder, "a.parquet"), query, "FORMAT parquet")).path);
    const cut = await putFile(folder, "cut.parquet", whole.subarray(0, whole.length / 2));
    await assert.rejects(readAll(cut), (error: unknown) => {
      assert.ok(error instanceof InputError);
      assert.ok(error.message.startsWith(cut.path));
      assert.match(error.message, /damaged or truncated Parquet/);
      assert.match(error.hint, /fetch the file again/);
      return true;
    });
    const records = await readAll(cut, { onBadFile: "skip" });
    assert.deepEqual(textsOf(records), ["(bad-file)"]);
    assert.ok(!JSON.stringify(records).includes(folder), "no absolute path in the log");

    const damaged = Buffer.from(whole);
    const middle = Math.floor(whole.length / 2);
    damaged.fill(0, middle, middle + 5000);
    const inside = await putFile(folder, "damaged.parquet", damaged);
    assert.equal(textsOf(await readAll(inside, { onBadFile: "skip" })).at(-1), "(bad-file)");
  }));

await test("a Parquet file without rows is empty", () =>
  withTempDir(async (folder) => {
    const file = await putQuery(join(folder, "a.parquet"), "SELECT 'x' AS text LIMIT 0", "FORMAT parquet");
    assert.deepEqual(textsOf(await readAll(file)), ["(empty-file)"]);
  }));
