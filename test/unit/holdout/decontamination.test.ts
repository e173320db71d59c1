import assert from "node:assert/strict";
import { test } from "node:test";
import { indexJudgingTexts } from "../../../pipeline/holdout/decontamination.ts";

const options = { ngramWords: 13, minNgramShare: 0.5, minSimilarity: 0.6 };
const words = (count: number, prefix = "w") =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

await test("a text that holds half of a judging text's 13-grams gives it away, however long it is", () => {
  // 32 words have 20 n-grams of 13: of the first 22 words 10 are there, of the first 21 only 9.
  const find = indexJudgingTexts([{ id: "exam", text: words(32).join(" ") }], options);
  const around = (count: number) => [...words(500, "a"), ...words(count), ...words(500, "b")].join(" ");
  assert.deepEqual(find(around(22)), {
    judge: { id: "exam", text: words(32).join(" ") },
    by: "ngrams",
    overlap: 0.5,
  });
  assert.equal(find(around(21)), undefined);
  assert.equal(
    find(around(32).toUpperCase().replaceAll(" ", ", "))?.overlap,
    1,
    "case and punctuation do not matter",
  );
  assert.equal(find(""), undefined);
});

await test("a copy with a word changed here and there is found as a whole", () => {
  const text = words(400);
  // Every twentieth word: 7 of 20 13-grams are left whole, and 15 of 20 5-grams, hence a similarity of 15 / 25.
  const changed = text.map((word, at) => (at % 20 === 10 ? `${word}x` : word));
  const find = (minSimilarity: number) =>
    indexJudgingTexts([{ id: "a", text: text.join(" ") }], { ...options, minSimilarity })(changed.join(" "));
  const found = find(0.4);
  assert.equal(found?.by, "minhash");
  // Within four standard deviations of a share of 112.
  assert.ok(Math.abs(found.overlap - 0.6) < 0.19, String(found.overlap));
  assert.equal(find(0.9), undefined);
});

await test("a short judging text is found in texts of the same words only; the most alike one is named", () => {
  const judges = [
    { id: "short", text: "What is it?" },
    { id: "half", text: words(40).join(" ") },
    { id: "whole", text: words(30).join(" ") },
  ];
  const find = indexJudgingTexts(judges, options);
  assert.equal(find("what IS it")?.judge.id, "short");
  assert.equal(find("what is it that you want"), undefined);
  assert.equal(find(words(30).join(" "))?.judge.id, "whole");
});
