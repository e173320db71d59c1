import assert from "node:assert/strict";
import test from "node:test";
import { chooseValidation, distinctTexts } from "../../../pipeline/holdout/choose-validation.ts";
import { Random } from "../../../pipeline/math/random.ts";

const words = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => `w${first + i}`).join(" ");

await test("of texts by hand, near duplicates of an earlier one go", () => {
  // 20 words are 16 shingles: the second shares all of them, the third 6 of 16, the fourth none.
  const texts = [words(0, 20), `${words(0, 20)} more`, words(10, 20), words(100, 20), words(0, 20)];
  assert.deepEqual(distinctTexts(texts, 0.5), [0, 2, 3]);
  assert.deepEqual(distinctTexts(texts, 0.3), [0, 3]);
  assert.deepEqual(distinctTexts([], 0.5), []);
});

await test("every source gives its share, and at least one document; none that is left out already", () => {
  const sources = [
    ...Array.from({ length: 40 }, () => "large"),
    ...Array.from({ length: 4 }, () => "small"),
    "lone",
  ];
  const mayTrain = sources.map((_, row) => (row < 20 ? 0 : 1));
  const rows = chooseValidation(sources, mayTrain, { share: 0.2, maxDocuments: 100 }, new Random("v"));
  assert.deepEqual(
    ["large", "small", "lone"].map((source) => rows.filter((row) => sources[row] === source).length),
    [4, 1, 0],
  );
  assert.ok(rows.every((row) => row >= 20));
  assert.deepEqual(
    rows,
    rows.toSorted((left, right) => left - right),
  );
  assert.deepEqual(
    chooseValidation(sources, mayTrain, { share: 0.2, maxDocuments: 100 }, new Random("v")),
    rows,
  );
  const few = chooseValidation(sources, mayTrain, { share: 0.2, maxDocuments: 2 }, new Random("v"));
  assert.equal(few.length, 2);
});
