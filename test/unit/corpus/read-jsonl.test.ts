import assert from "node:assert/strict";
import { test } from "node:test";
import { withTempDir } from "../../support/temp-dir.ts";
import { fields, putFile, readAll, textsOf } from "./input-files.ts";

const jsonl = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");

await test("one record a line, with the fields and scores asked for", () =>
  withTempDir(async (folder) => {
    const rows = [
      { body: "first", key: 7, href: "https://a.example", quality: 2.5, label: "3" },
      { body: "second", key: "k", href: 1, quality: null },
      { body: "third", __proto__: { key: "inherited" } },
    ];
    const file = await putFile(folder, "a.jsonl", jsonl(...rows));
    const own = { ...fields, text: "body", id: "key", url: "href" };
    const records = await readAll(file, { fields: own, scores: ["quality", null, "label"] });
    const common = { file: "a.jsonl", url: null, sourceId: null };
    assert.deepEqual(records, [
      {
        ...common,
        text: "first",
        sourceId: "7",
        url: "https://a.example",
        scores: [2.5, null, null],
        line: 1,
      },
      { ...common, text: "second", sourceId: "k", scores: [null, null, null], line: 2 },
      { ...common, text: "third", scores: [null, null, null], line: 3 },
    ]);
  }));

await test("a question with answers is its context with the right one; the shape alone is not enough", () =>
  withTempDir(async (folder) => {
    const question = { context: "2 + 2 is", continuation: " 4", alternatives: [" 5", " 22"] };
    const rows = [
      question,
      { ...question, alternatives: [5], text: "kept" },
      { ...question, continuation: "", text: "t" },
    ];
    const file = await putFile(folder, "q.jsonl", jsonl(...rows));
    const records = await readAll(file, { fields, scores: [] });
    assert.deepEqual(
      records.map((record) => ("reason" in record ? record.reason : [record.text, record.question])),
      [
        ["2 + 2 is 4", question],
        ["kept", undefined],
        ["t", undefined],
      ],
    );
  }));

await test("byte-order mark, CRLF, blank lines, U+2028 and a missing last newline are no trouble", () =>
  withTempDir(async (folder) => {
    const text = "a\u2028b\u2029c\u0085d\uFEFFe";
    const file = await putFile(
      folder,
      "a.jsonl",
      `\uFEFF{"text":"one"}\r\n\r\n  \n{"text":"${text}"}\n{"text":"end"}`,
    );
    const records = await readAll(file);
    assert.deepEqual(textsOf(records), ["one", text, "end"]);
    assert.deepEqual(
      records.map(({ line }) => line),
      [1, 4, 5],
    );
  }));

await test("each bad line is a skip with its line and reason; the others are read", () =>
  withTempDir(async (folder) => {
    const file = await putFile(
      folder,
      "a.jsonl",
      Buffer.concat([
        Buffer.from('{"text": "good"}\n{"text": \n[1]\n3\nnull\n{"id": 1}\n{"text": null}\n{"text": 5}\n'),
        Buffer.from('{"text": "caf\xe9"}\n', "latin1"),
        Buffer.from('{"text": "still good"}\n{"text": "cut of'),
      ]),
    );
    const records = await readAll(file);
    assert.deepEqual(textsOf(records), [
      "good",
      "(invalid-json)",
      "(not-an-object)",
      "(not-an-object)",
      "(not-an-object)",
      "(missing-text)",
      "(missing-text)",
      "(text-not-a-string)",
      "(invalid-utf8)",
      "still good",
      "(invalid-json)",
    ]);
    assert.deepEqual(
      records.map(({ line }) => line),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    );
    const last = records.at(-1);
    assert.ok(last !== undefined && "detail" in last && /ends in the middle of a record/.test(last.detail));
  }));

await test("a file without records is reported as empty", () =>
  withTempDir(async (folder) => {
    for (const content of ["", "\n\r\n"]) {
      const records = await readAll(await putFile(folder, "a.jsonl", content));
      assert.deepEqual(records, [{ file: "a.jsonl", line: 0, reason: "empty-file", detail: "no records" }]);
    }
  }));

await test("all of the file's bytes are reported as they are read", () =>
  withTempDir(async (folder) => {
    const file = await putFile(folder, "a.jsonl", jsonl({ text: "x".repeat(400_000) }, { text: "y" }));
    let bytes = 0;
    await readAll(file, { onBytes: (more) => (bytes += more) });
    assert.equal(bytes, file.bytes);
  }));
