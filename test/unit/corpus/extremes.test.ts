/** Input that is meant to, or happens to, be too much: each ends in a counted skip or a named refusal, soon. */
import assert from "node:assert/strict";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { createGzip, gzipSync } from "node:zlib";
import { longestLineBytes } from "../../../pipeline/corpus/lines.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { inputFile, putFile, readAll, textsOf } from "./input-files.ts";

/** Pieces of a megabyte, written through gzip. */
async function putZipped(path: string, start: string, megabytes: number, end: string): Promise<void> {
  const piece = Buffer.alloc(2 ** 20, "x");
  await pipeline(
    Readable.from([Buffer.from(start), ...Array.from({ length: megabytes }, () => piece), Buffer.from(end)]),
    createGzip({ level: 6 }),
    createWriteStream(path),
  );
}

await test("a line of 200 MB is a skip, and held by nobody", () =>
  withTempDir(async (folder) => {
    const path = join(folder, "a.jsonl.gz");
    await putZipped(path, '{"text":"one"}\n{"text":"', 200, '"}\n{"text":"three"}\n');
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    const records = await readAll(await inputFile(path));
    assert.deepEqual(textsOf(records), ["one", "(too-long)", "three"]);
    assert.equal(records[1]!.line, 2);
    assert.ok(process.memoryUsage().rss - before < 3 * longestLineBytes);
  }));

await test("a decompression bomb is refused, or a skip", () =>
  withTempDir(async (folder) => {
    const path = join(folder, "a.jsonl.gz");
    // deflate gives a thousandfold: 300 MB in 300 kB.
    await putZipped(path, '{"text":"one"}\n', 300, "\n");
    const file = await inputFile(path);
    await assert.rejects(readAll(file), /a\.jsonl\.gz: \d+ compressed bytes hold more than \d+: no text/);
    assert.deepEqual(textsOf(await readAll(file, { onBadFile: "skip" })), ["one", "(bad-file)"]);
  }));

await test("JSON nested beyond every stack is a skip or is read", () =>
  withTempDir(async (folder) => {
    const deep = "[".repeat(500_000) + "]".repeat(500_000);
    const open = '{"a":'.repeat(500_000);
    const file = await putFile(
      folder,
      "a.jsonl",
      `{"text":"one","deep":${deep}}\n${open}\n{"text":"three"}\n`,
    );
    const texts = textsOf(await readAll(file));
    assert.equal(texts.length, 3);
    assert.ok(["one", "(invalid-json)"].includes(texts[0]!));
    assert.deepEqual(texts.slice(1), ["(invalid-json)", "three"]);
  }));

await test("encodings may differ from line to line and page to page; equal ids are two documents", () =>
  withTempDir(async (folder) => {
    const lines = Buffer.concat([
      Buffer.from('{"id":"same","text":"naïve"}\n'),
      Buffer.from('{"id":"same","text":"na\xefve"}\n', "latin1"),
      Buffer.from('\uFEFF{"id":"same","text":"other"}\n'),
      Buffer.from('{"text":"x"}\n', "utf16le"),
    ]);
    const records = await readAll(await putFile(folder, "a.jsonl", lines));
    assert.deepEqual(textsOf(records).slice(0, 3), ["naïve", "(invalid-utf8)", "other"]);
    assert.ok(
      textsOf(records)
        .slice(3)
        .every((text) => text.startsWith("(invalid")),
    );

    for (const [name, page] of [
      ["utf8.html", Buffer.from("<p>naïve €")],
      ["bytes.html", Buffer.from("<p>na\xefve \x80", "latin1")],
      ["meta.html", Buffer.from("<meta charset=iso-8859-1><p>na\xefve \x80", "latin1")],
      ["mark.html", Buffer.from("\uFEFF<p>naïve €", "utf16le")],
    ] as const) {
      assert.deepEqual(textsOf(await readAll(await putFile(folder, name, page))), ["naïve €"], name);
    }
  }));

await test("a page longer than any is a skip, a long one is read without looking for its article", () =>
  withTempDir(async (folder) => {
    const paragraph = "<p>Text, with commas, of some length.</p><br><br>";
    const long = await putFile(folder, "a.html", `<html><body>${paragraph.repeat(20_000)}`);
    const [record] = await readAll(long);
    assert.ok(record !== undefined && "text" in record && record.text.length > 600_000);
    const bomb = await putFile(folder, "b.html.gz", gzipSync(Buffer.alloc(2 ** 24 + 1, "<b>")));
    assert.deepEqual(textsOf(await readAll(bomb)), ["(too-long)"]);
  }));
