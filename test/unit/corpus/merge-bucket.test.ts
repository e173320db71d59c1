import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { InterruptedError } from "../../../pipeline/core/errors.ts";
import { readNpy } from "../../../pipeline/core/npy.ts";
import { documentId } from "../../../pipeline/corpus/bucket-row.ts";
import { readDocuments } from "../../../pipeline/corpus/read-documents.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { fields, inputFile, putFile } from "./input-files.ts";
import { characterTokenizer, jsonLines, merge, read } from "./ingest-steps.ts";

/** Counts of what these sources do not bring. */
const ungiven = { labelled: 0, questions: 0, vectors: 0, dimension: 0 };

await test("rows sorted by id, tokens in their order, equal texts once", () =>
  withTempDir(async (folder) => {
    // sha256 begins: one 7692, two 3fc4, three 8b5b (printf one | sha256sum)
    const files = [
      await putFile(
        folder,
        "b.jsonl",
        '{"text":"one","id":"b1","score":1}\n{"text":"two","id":"b2","score":2}\n',
      ),
      await putFile(folder, "a.jsonl", '{"text":"three","id":"a1"}\n{"text":"one","id":"a2","url":"u"}\n'),
      { ...(await putFile(folder, "c.jsonl", '{"text":"one"}\n{"text":"one"}\n')), source: "another" },
    ];
    await read(join(folder, "read"), files, { scores: ["score"] });
    const out = join(folder, "merged");
    const counts = await merge(out, [join(folder, "read")], { scores: ["score"] });
    assert.deepEqual(counts, {
      documents: 3,
      tokens: 11,
      bytes: 11,
      duplicates: 3,
      ...ungiven,
      bySource: {
        another: { documents: 1, tokens: 3, bytes: 3 },
        web: { documents: 2, tokens: 8, bytes: 8 },
      },
    });

    const columns = ["id", "text", "source", "sourceId", "url", "tokens", "bytes", "score"];
    const rows: unknown[] = [];
    for await (const batch of readDocuments(join(out, "documents-00000.parquet"), columns, {
      batchRows: 9,
    })) {
      rows.push(...batch.map((row) => Object.values(row)));
    }
    assert.deepEqual(rows, [
      [documentId("two"), "two", "web", "b2", null, 3, 3, 2],
      // The copy of the smallest source name, with that copy's own columns.
      [documentId("one"), "one", "another", null, null, 3, 3, null],
      [documentId("three"), "three", "web", "a1", null, 5, 5, null],
    ]);

    const { data, shape } = await readNpy(join(out, "tokens-00000.npy"));
    assert.ok(data instanceof Uint16Array);
    assert.deepEqual(shape, [11]);
    assert.equal(String.fromCharCode(...data), "twoonethree");

    const detail = "same text as another c.jsonl:1";
    assert.deepEqual(await jsonLines(join(out, "duplicates.jsonl")), [
      { source: "another", file: "c.jsonl", line: 2, reason: "duplicate", detail },
      { source: "web", file: "a.jsonl", line: 2, reason: "duplicate", detail },
      { source: "web", file: "b.jsonl", line: 1, reason: "duplicate", detail },
    ]);
    assert.deepEqual((await readdir(out)).sort(), [
      "documents-00000.parquet",
      "duplicates.jsonl",
      "tokens-00000.npy",
    ]);
  }));

await test("a vocabulary beyond 16 bits has its tokens in 32; a bucket without documents no files", () =>
  withTempDir(async (folder) => {
    const file = await putFile(folder, "a.txt", "text");
    await read(join(folder, "read"), [file]);
    const tokenizer = { ...characterTokenizer, vocabularySize: 2 ** 16 + 1, encode: () => [65_536, 1] };
    await merge(folder, [join(folder, "read")], { index: 5, buckets: 9, tokenizer });
    const { data } = await readNpy(join(folder, "tokens-00005.npy"));
    assert.deepEqual(data, Uint32Array.of(65_536, 1));

    const empty = join(folder, "empty");
    assert.deepEqual(await merge(empty, []), {
      documents: 0,
      tokens: 0,
      bytes: 0,
      duplicates: 0,
      ...ungiven,
      bySource: {},
    });
    assert.deepEqual(await readdir(empty), []);
  }));

await test("odd characters and long texts come through unchanged", () =>
  withTempDir(async (folder) => {
    const texts = ["nul \u0000 \u2028 \uFEFF \u{1F600} \\u0041 \"'", "long ".repeat(4_000_000)];
    const lines = texts.map((text) => `${JSON.stringify({ text })}\n`).join("");
    const file = await putFile(folder, "a.jsonl", lines);
    const limits = { minCharacters: 0, maxCharacters: 2 ** 25, onBadFile: "error" as const };
    await read(join(folder, "read"), [file], { limits });
    const tokenizer = { ...characterTokenizer, encode: () => [1] };
    await merge(folder, [join(folder, "read")], { tokenizer });
    const found: unknown[] = [];
    for await (const rows of readDocuments(join(folder, "documents-00000.parquet"), ["text"], {
      batchRows: 5,
    })) {
      found.push(...rows.map(({ text }) => text));
    }
    assert.deepEqual(new Set(found), new Set(texts));
  }));

await test("an aborted signal interrupts", () =>
  withTempDir(async (folder) => {
    await read(join(folder, "read"), [await putFile(folder, "a.txt", "text")]);
    const signal = AbortSignal.abort();
    const merging = merge(join(folder, "out"), [join(folder, "read")], { signal });
    await assert.rejects(merging, InterruptedError);
  }));

await test("languages, labels and embeddings of the source lie in the documents' order", () =>
  withTempDir(async (folder) => {
    const rows = [
      { text: "one", lang: "en", topic: 3, vector: [1, 2] },
      { text: "two", topic: "art" },
      { text: "three", vector: [0.5, -1] },
    ];
    const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    const file = await putFile(folder, "kind=web/a.jsonl", lines);
    const own = { ...fields, language: "lang", label: "topic", embedding: "vector" };
    const readings = [{ source: "web", format: "jsonl" as const, fields: own, scores: [] }];
    await read(join(folder, "read"), [file], { readings });
    const out = join(folder, "merged");
    const { labelled, vectors, dimension } = await merge(out, [join(folder, "read")]);
    assert.deepEqual([labelled, vectors, dimension], [2, 2, 2]);
    const columns = ["text", "language", "label", "metadata"];
    const found: unknown[] = [];
    const path = join(out, "documents-00000.parquet");
    for await (const batch of readDocuments(path, columns, { batchRows: 9 })) {
      found.push(...batch.map((row) => Object.values(row)));
    }
    const metadata = '{"kind":"web"}';
    assert.deepEqual(found, [
      ["two", null, "art", metadata],
      ["one", "en", "3", metadata],
      ["three", null, null, metadata],
    ]);
    const { data, shape } = await readNpy(join(out, "vectors-00000.npy"));
    assert.deepEqual(shape, [3, 2]);
    assert.deepEqual([...data], [Number.NaN, Number.NaN, 1, 2, 0.5, -1]);

    await putFile(folder, "b.jsonl", '{"text":"four","vector":[1,2,3]}\n');
    await read(join(folder, "other"), [await inputFile(join(folder, "b.jsonl"))], { readings });
    const both = [join(folder, "read"), join(folder, "other")];
    await assert.rejects(merge(join(folder, "none"), both), /an embedding of \d numbers, and .* has \d/);
  }));
