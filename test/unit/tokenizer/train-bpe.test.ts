import assert from "node:assert/strict";
import test from "node:test";
import { createBpeEncoder } from "../../../pipeline/tokenizer/bpe-encoder.ts";
import { trainBpePlainly } from "../../../pipeline/tokenizer/bpe-reference.ts";
import { maxWordBytes, trainBpe } from "../../../pipeline/tokenizer/train-bpe.ts";
import { tokenBytes, vocabularySize } from "../../../pipeline/tokenizer/vocabulary.ts";

function spelled(wordCounts: Record<string, number>, size: number): string[] {
  const vocabulary = trainBpe(new Map(Object.entries(wordCounts)), size);
  return tokenBytes(vocabulary)
    .slice(257)
    .map((bytes) => Buffer.from(bytes).toString());
}

await test("merges worked by hand: the words of Sennrich et al. 2016, figure 1, without an end-of-word sign", () => {
  // l o w: 5, l o w e r: 2, n e w e s t: 6, w i d e s t: 3. Counts: es 9, st 9, we 8, lo 7, ow 7, ne 6, ew 6, ...
  // es (e < s) before st; then es t 9; lo 7; lo w 7; then ne, ew and w est 6 each: e w has the smallest left byte.
  const words = { low: 5, lower: 2, newest: 6, widest: 3 };
  assert.deepEqual(spelled(words, 257 + 5), ["es", "est", "lo", "low", "ew"]);
});

await test("a run of one byte merges from left to right, and is counted right", () => {
  // aaaaa is 4 pairs; after aa it is aa aa a: aa|aa once, aa|a once a word.
  assert.deepEqual(spelled({ aaaaa: 1, b: 9 }, 300), ["aa"]);
  assert.deepEqual(spelled({ aaaaa: 3 }, 300), ["aa", "aaa", "aaaaa"]);
});

await test("no two tokens are the same bytes", () => {
  const words = { abx: 10, abc: 9, zbc: 12, zbcz: 3, abcz: 8 };
  const tokens = spelled(words, 400);
  assert.equal(new Set(tokens).size, tokens.length);
  assert.ok(tokens.includes("abc"));
});

await test("stops where no pair occurs twice; words beyond the limit teach only by their beginning", () => {
  assert.equal(vocabularySize(trainBpe(new Map([["abc", 1]]), 4096)), 257);
  const long = "ab".repeat(maxWordBytes);
  const { merges } = trainBpe(new Map([[`${long}xyxyxyxy`, 1]]), 4096);
  const ids = createBpeEncoder({ merges })(`${long}xy`);
  assert.deepEqual(ids.slice(-2), [1 + 0x78, 1 + 0x79], "x and y were never merged");
});

await test("the incremental trainer equals counting anew on text with many ties", () => {
  const text = "the theme of these thefts, then; isn't the thesis thus? ünïcödé über ünder ".repeat(3);
  const counts = new Map<string, number>();
  for (const word of text.split(/(?= )/)) counts.set(word, (counts.get(word) ?? 0) + 1);
  assert.deepEqual(trainBpe(counts, 320), trainBpePlainly(counts, 320));
  const reversed = new Map([...counts].toReversed());
  assert.deepEqual(trainBpe(reversed, 320), trainBpe(counts, 320), "whatever the order of the words");
});
