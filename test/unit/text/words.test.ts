import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { scanWords } from "../../../pipeline/text/words.ts";

await test("counts words and signs (by hand)", () => {
  const scan = scanWords("  The cat, THAT ate #2... {of} 42 — Éric!\t\u00a0NASA… \n");
  assert.equal(scan.words, 10);
  assert.deepEqual([...scan.lengths], [3, 4, 4, 3, 5, 4, 2, 1, 5, 5]);
  assert.equal(scan.characters, 36);
  // All but "#2...", "42" and the dash.
  assert.equal(scan.wordsWithLetter, 7);
  // THAT and NASA.
  assert.equal(scan.capitalWords, 2);
  // the, that, of.
  assert.equal(scan.stopWords, 3);
  assert.equal(scan.hashSigns, 1);
  assert.equal(scan.ellipses, 2);
  assert.equal(scan.curlyBrackets, 2);
  assert.equal(scan.exclamations, 1);
});

await test("a run of dots is one ellipsis; two dots are none", () => {
  assert.equal(scanWords("a...... b.. c...").ellipses, 2);
});

await test("property: words, lengths and hashes are those of a plain split", () => {
  const word = fc.string({
    unit: fc.constantFrom("a", "b", "X", "Y", ".", "#", "!", "é", "9"),
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), fc.constantFrom(" ", "\n", " \t "), (words, space) => {
      const scan = scanWords(words.join(space));
      assert.deepEqual(
        [...scan.lengths],
        words.map((each) => each.length),
      );
      const hashOf = new Map(words.map((each, i) => [each, scan.hashes[i]]));
      assert.equal(new Set(hashOf.values()).size, new Set(words).size);
      words.forEach((each, i) => assert.equal(scan.hashes[i], hashOf.get(each)));
      const expected = words.filter((each) => /[a-zé]/i.test(each)).length;
      assert.equal(scan.wordsWithLetter, expected);
    }),
  );
});
