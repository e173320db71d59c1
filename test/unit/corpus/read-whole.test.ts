import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { withTempDir } from "../../support/temp-dir.ts";
import { putFile, readAll, textsOf } from "./input-files.ts";

await test("text and Markdown files are one document each, as they are", () =>
  withTempDir(async (folder) => {
    const markdown = "# Title\n\n* `code`\n\n[link](https://a.example)\n";
    const file = await putFile(folder, "docs/a.md", markdown);
    assert.deepEqual(await readAll(file, { scores: ["quality"] }), [
      { text: markdown, sourceId: null, url: null, scores: [null], file: "a.md", line: 0 },
    ]);
    assert.deepEqual(textsOf(await readAll(await putFile(folder, "a.txt", "\uFEFFplain\n"))), ["plain\n"]);
    assert.deepEqual(textsOf(await readAll(await putFile(folder, "a.txt.gz", gzipSync("plain")))), ["plain"]);
  }));

await test("invalid UTF-8 and empty files are skips of line 0", () =>
  withTempDir(async (folder) => {
    const invalid = await readAll(await putFile(folder, "a.txt", Buffer.from("caf\xe9", "latin1")));
    assert.deepEqual(invalid, [
      { file: "a.txt", line: 0, reason: "invalid-utf8", detail: "the file is not valid UTF-8" },
    ]);
    assert.deepEqual(textsOf(await readAll(await putFile(folder, "b.html", ""))), ["(empty-file)"]);
  }));

const sentences = (topic: string) =>
  Array.from({ length: 8 }, (_, index) => `Sentence ${index} about ${topic}, long enough to be read.`).join(
    " ",
  );

await test("of a web page the article is kept, without navigation, scripts and addresses", () =>
  withTempDir(async (folder) => {
    const page = `<!doctype html><html><head><title>T</title><script>var tracking = 1;</script></head><body>
      <nav><a href="/">Home</a> <a href="/about">About us</a></nav>
      <article><h2>Rivers</h2><p>${sentences("rivers &amp; lakes")}</p><p>${sentences("tides")}
      <a href="https://a.example">read more</a></p><ul><li>one</li><li>two</li></ul></article>
      <footer>Copyright notice</footer></body></html>`;
    const [text] = textsOf(await readAll(await putFile(folder, "a.html", page)));
    assert.ok(text !== undefined);
    assert.match(text, /Sentence 0 about rivers & lakes/);
    assert.match(text, /read\.\n\nSentence 0 about tides/, "paragraphs stay apart");
    assert.match(text, /read more\n/);
    assert.match(text, /\* one\n\s*\* two/);
    assert.doesNotMatch(text, /tracking|About us|Copyright|a\.example|</);
  }));

await test("a page in which no article is found is kept whole", () =>
  withTempDir(async (folder) => {
    for (const page of [
      "<p>Just a line.</p>",
      "Just a line.",
      "<table><tr><td>Just a line.</td></tr></table>",
    ]) {
      assert.deepEqual(textsOf(await readAll(await putFile(folder, "a.html", page))), ["Just a line."], page);
    }
  }));

await test("a page made to stop its reader is read in time", () =>
  withTempDir(async (folder) => {
    const pages = {
      deep: `${"<div>".repeat(200_000)}the text${"<script>".repeat(100_000)}`,
      tables: `${"<table><tr><td>".repeat(3000)}the text`,
      brackets: `<p>the text</p>${"<".repeat(100_000)}`,
    };
    for (const [name, page] of Object.entries(pages)) {
      const started = performance.now();
      const [text] = textsOf(await readAll(await putFile(folder, `${name}.html`, page)));
      assert.match(text!, /^the text/, name);
      assert.ok(performance.now() - started < 5000, name);
    }
  }));
