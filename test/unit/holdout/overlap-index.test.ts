import assert from "node:assert/strict";
import { test } from "node:test";
import { indexOverlaps } from "../../../pipeline/holdout/overlap-index.ts";
import { overlapShare, shingles } from "../../../pipeline/holdout/shingles.ts";
import { Random } from "../../../pipeline/math/random.ts";

await test("the text that overlaps most, worked by hand", () => {
  const overlapOf = indexOverlaps(
    ["one two three four five six", "two three four five six seven eight"],
    0.5,
  );
  // Three 5-grams, of which the first text has two of its two and the second two of its three.
  assert.deepEqual(overlapOf("One two, three four FIVE six seven"), { target: 0, overlap: 1 });
  assert.equal(overlapOf("something else altogether, at some length"), undefined);
  assert.equal(overlapOf(""), undefined);
  // Shorter than a shingle: a text is then one of all its words.
  assert.deepEqual(indexOverlaps(["yes and no"], 0.5)("Yes, and no!"), { target: 0, overlap: 1 });
});

await test("as comparing every pair would find", () => {
  const random = new Random("overlaps");
  const text = () => Array.from({ length: 5 + random.below(60) }, () => `w${random.below(4)}`).join(" ");
  const texts = Array.from({ length: 30 }, text);
  const overlapOf = indexOverlaps(texts, 0.3);
  let found = 0;
  for (let query = 0; query < 100; query++) {
    const asking = text();
    const all = texts.map((other) => overlapShare(shingles(asking), shingles(other)));
    const most = Math.max(...all);
    const expected = most < 0.3 ? undefined : { target: all.indexOf(most), overlap: most };
    assert.deepEqual(overlapOf(asking), expected);
    if (expected !== undefined) found++;
  }
  assert.ok(found > 10 && found < 100, `${found}`);
});
