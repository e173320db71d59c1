import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { chunkText, splitSentences } from "../../../stages/quickstart/chunk.ts";
import { pickEvenly } from "../../../stages/quickstart/pick-evenly.ts";

const sentence = (name: string, words: number) => Array.from({ length: words }, () => name).join(" ");

await test("cuts at sentences, rather at a paragraph's end, and leaves no scrap", () => {
  const a = sentence("a", 4);
  const b = sentence("b", 5);
  // 9 of 10 words at the paragraph's end: near enough to cut there.
  assert.deepEqual(chunkText([[a, b], [a], [b, a]], 10), [`${a} ${b}`, `${a}\n\n${b} ${a}`]);
  // The last three words are less than a third of ten and join what is before.
  assert.deepEqual(chunkText([[b, b], [sentence("c", 3)]], 10), [`${b} ${b}\n\n${sentence("c", 3)}`]);
  assert.deepEqual(chunkText([[sentence("c", 3)]], 10), [sentence("c", 3)]);
  assert.deepEqual(chunkText([], 10), []);
});

await test("no sentence is lost or cut, and chunks are about as long as asked for", () => {
  const sentences = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(sentences, { maxLength: 12 }), (lengths) => {
      let name = 0;
      const paragraphs = lengths.map((of) => of.map((words) => sentence(`s${name++}`, words)));
      const chunks = chunkText(paragraphs, 20);
      assert.deepEqual(
        chunks.join(" ").split(/\s+/).filter(Boolean),
        paragraphs.flat().join(" ").split(" ").filter(Boolean),
      );
      for (const [index, chunk] of chunks.entries()) {
        const words = chunk.split(/\s+/).length;
        assert.ok(words < 20 + 8 + 7, `${words} words`);
        if (chunks.length > 1 && index < chunks.length - 1) assert.ok(words > 16, `${words} words`);
      }
    }),
  );
});

await test("sentences end before a capital letter", () => {
  const text = 'It cost 3.5 dollars. He said "No." Then? (Yes.) So be it!  ';
  assert.deepEqual(splitSentences(text), [
    "It cost 3.5 dollars.",
    'He said "No."',
    "Then?",
    "(Yes.)",
    "So be it!",
  ]);
  assert.deepEqual(splitSentences(" \n"), []);
});

await test("picks are spread evenly and keep their order", () => {
  assert.deepEqual(pickEvenly([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4), [0, 2, 5, 7]);
  assert.deepEqual(pickEvenly([1, 2], 5), [1, 2]);
});
