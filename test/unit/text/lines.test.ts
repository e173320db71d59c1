import assert from "node:assert/strict";
import test from "node:test";
import { scanLines } from "../../../pipeline/text/lines.ts";

await test("bullets, ellipses and repeated lines (by hand)", () => {
  const scan = scanLines("- one\n* two\n• three\nfour…\nread more...\n- one\n\n-5 degrees\n");
  assert.equal(scan.lines, 7);
  assert.equal(scan.bulletShare, 4 / 7);
  assert.equal(scan.ellipsisShare, 2 / 7);
  assert.equal(scan.duplicateLineShare, 1 / 7);
  assert.equal(scan.duplicateLineCharacterShare, 5 / (5 + 5 + 7 + 5 + 12 + 5 + 10));
});

await test("repeated paragraphs are those between blank lines", () => {
  const scan = scanLines("a b\nc\n\nd\n \na b\nc");
  assert.equal(scan.duplicateParagraphShare, 1 / 3);
  assert.equal(scan.duplicateParagraphCharacterShare, 5 / 11);
});

function keptWords(text: string): number {
  return scanLines(text).keptWordShare;
}

await test("C4 keeps sentences of three words that are no web notice", () => {
  assert.equal(keptWords("One two three."), 1);
  assert.equal(keptWords("One two three"), 0);
  assert.equal(keptWords("One two."), 0);
  assert.equal(keptWords("One two three..."), 0);
  assert.equal(keptWords('He said "no more."'), 1);
  assert.equal(keptWords("He said (at last.)"), 1);
  assert.equal(keptWords("Please enable JavaScript now."), 0);
  assert.equal(keptWords("A heading\nOne two three four."), 4 / 6);
  assert.equal(keptWords(""), 0);
});

await test("hard-wrapped text is judged by its sentences", () => {
  const wrapped = `This sentence was broken by the mail program into
two lines, as all of them were in those old days.`;
  assert.equal(scanLines(wrapped).keptWordShare, 1);
  const list = `A line of a list that is long but not a sentence
- another item that is not one either`;
  assert.equal(scanLines(list).keptWordShare, 0);
});
