import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { InputError, InterruptedError } from "../../../pipeline/core/errors.ts";
import { documentId } from "../../../pipeline/corpus/bucket-row.ts";
import { rowsFile } from "../../../pipeline/corpus/bucket-rows.ts";
import { bucketOf } from "../../../pipeline/corpus/plan.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { putFile } from "./input-files.ts";
import { jsonLines, limits, read } from "./ingest-steps.ts";

await test("documents go to the bucket of their id, with their place and the bytes of their text", () =>
  withTempDir(async (folder) => {
    const documents = Array.from({ length: 40 }, (_, index) => ({
      id: index,
      text: `documént ${index}`,
      score: index / 2,
    }));
    const file = await putFile(
      folder,
      "a.jsonl",
      documents.map((row) => `${JSON.stringify(row)}\n`).join(""),
    );
    const out = join(folder, "out");
    const { buckets, ...counts } = await read(out, [file], { buckets: 3, scores: ["score"] });
    assert.deepEqual(counts, {
      documents: 40,
      skipped: 0,
      masked: { documents: 0, addresses: 0 },
      kept: [{ source: "web", file: "a.jsonl", documents: 40 }],
      parts: [],
    });

    const rows = await readFile(join(out, rowsFile));
    assert.equal(buckets.at(-1), rows.length);
    const found: unknown[] = [];
    for (let bucket = 0; bucket < 3; bucket++) {
      const lines = rows
        .toString("utf8", buckets[bucket], buckets[bucket + 1])
        .trim()
        .split("\n");
      for (const line of lines) {
        const row = JSON.parse(line) as { id: string };
        assert.equal(bucketOf(row.id, 3), bucket);
        found.push(row);
      }
    }
    assert.equal(found.length, 40);
    assert.deepEqual(await readdir(folder), ["a.jsonl", "out"], "no pieces are left");
    const text = "documént 7";
    const expected = {
      id: documentId(text),
      text,
      source: "web",
      sourceId: "7",
      url: null,
      file: "a.jsonl",
      line: 8,
      bytes: 11,
      scores: [3.5],
    };
    assert.deepEqual(
      found.find((row) => (row as { line: number }).line === 8),
      expected,
    );
  }));

await test("what is left out is logged with source, file, line and reason", () =>
  withTempDir(async (folder) => {
    const texts = ["kept", " \n\t", "ab", "x".repeat(1001), "y".repeat(1000), "abc"];
    const lines = `${texts.map((text) => JSON.stringify({ text })).join("\n")}\nnot json\n`;
    const files = [await putFile(folder, "a.jsonl", lines), await putFile(folder, "b.txt", "")];
    const out = join(folder, "out");
    const { documents, skipped } = await read(out, files);
    assert.deepEqual([documents, skipped], [3, 5]);
    const log = await jsonLines(join(out, "skipped.jsonl"));
    assert.deepEqual(
      log.map(({ source, file, line, reason }) => [source, file, line, reason]),
      [
        ["web", "a.jsonl", 2, "empty-text"],
        ["web", "a.jsonl", 3, "too-short"],
        ["web", "a.jsonl", 4, "too-long"],
        ["web", "a.jsonl", 7, "invalid-json"],
        ["web", "b.txt", 0, "empty-file"],
      ],
    );
    assert.equal(log[1]!["detail"], "2 characters, corpus.minCharacters is 3");
  }));

await test("half a surrogate pair becomes U+FFFD, so that text, bytes and id agree", () =>
  withTempDir(async (folder) => {
    const file = await putFile(folder, "a.jsonl", '{"text": "half \\ud800 \\ud83d\\ude00", "id": "\\udc00"}');
    await read(join(folder, "out"), [file]);
    const [row] = await jsonLines(join(folder, "out", rowsFile));
    const text = "half \uFFFD \u{1F600}";
    assert.deepEqual([row?.["text"], row?.["sourceId"], row?.["id"]], [text, "\uFFFD", documentId(text)]);
    assert.equal(row?.["bytes"], Buffer.byteLength(text));
  }));

await test("a bad file stops the shard, or is one line of the log", () =>
  withTempDir(async (folder) => {
    const files = [
      await putFile(folder, "a.parquet", "PAR1 no more"),
      await putFile(folder, "b.txt", "text"),
    ];
    await assert.rejects(read(join(folder, "out"), files), InputError);
    const out = join(folder, "skip");
    const counts = await read(out, files, { limits: { ...limits, onBadFile: "skip" } });
    assert.deepEqual([counts.documents, counts.skipped], [1, 1]);
    assert.equal((await jsonLines(join(out, "skipped.jsonl")))[0]?.["reason"], "bad-file");
  }));

await test("progress counts the files' bytes; an aborted signal interrupts", () =>
  withTempDir(async (folder) => {
    const files = [
      await putFile(folder, "a.txt", "x".repeat(50)),
      await putFile(folder, "b.txt", "y".repeat(70)),
    ];
    const seen: string[] = [];
    await read(join(folder, "out"), files, { onProgress: (done, total) => seen.push(`${done}/${total}`) });
    assert.deepEqual(seen, ["50/120", "120/120"]);
    const signal = AbortSignal.abort();
    await assert.rejects(read(join(folder, "aborted"), files, { signal }), InterruptedError);
    assert.deepEqual(await readdir(join(folder, "aborted")), []);
  }));

await test("what is kept is counted by file", () =>
  withTempDir(async (folder) => {
    const files = [
      await putFile(folder, "a.jsonl", '{"text":"first one"}\n{"text":"x"}\n{"text":"second"}\n'),
      await putFile(folder, "b.jsonl", '{"text":"y"}\n'),
    ];
    const { kept, documents, skipped } = await read(join(folder, "out"), files);
    assert.deepEqual(
      kept.map(({ file, documents }) => [file, documents]),
      [
        ["a.jsonl", 2],
        ["b.jsonl", 0],
      ],
    );
    assert.deepEqual([documents, skipped], [2, 2]);
  }));
