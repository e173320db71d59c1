import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { ngramRepetition } from "../../../pipeline/text/repetition.ts";
import { scanWords } from "../../../pipeline/text/words.ts";

function repetitionOf(words: readonly string[]) {
  const scan = scanWords(words.join(" "));
  return ngramRepetition(scan.hashes, scan.lengths);
}

/** The same by strings and maps: what table A1 says, with datatrove's way of stepping over duplicates. */
function plainRepetition(words: readonly string[]) {
  const characters = words.join("").length;
  const gramsOf = (n: number) =>
    Array.from({ length: Math.max(0, words.length - n + 1) }, (_, i) => words.slice(i, i + n));
  const topShares = [2, 3, 4].map((n) => {
    const counts = new Map<string, { count: number; length: number }>();
    for (const gram of gramsOf(n)) {
      const key = gram.join(" ");
      counts.set(key, { count: (counts.get(key)?.count ?? 0) + 1, length: gram.join("").length });
    }
    const [best] = [...counts.values()].sort((a, b) => b.count - a.count || b.length - a.length);
    return best === undefined || best.count === 1 ? 0 : Math.min(1, (best.count * best.length) / characters);
  });
  const duplicateShares = [5, 6, 7, 8, 9, 10].map((n) => {
    const grams = gramsOf(n);
    const seen = new Set<string>();
    let repeated = 0;
    for (let i = 0; i < grams.length;) {
      const isNew = !seen.has(grams[i]!.join(" "));
      seen.add(grams[i]!.join(" "));
      if (!isNew) repeated += grams[i]!.join("").length;
      i += isNew ? 1 : n;
    }
    return characters === 0 ? 0 : repeated / characters;
  });
  return { topShares, duplicateShares };
}

await test("top and duplicate n-grams (by hand)", () => {
  // 12 letters. "a bb" comes twice: 2 * 3 / 12. "a bb c" twice: 2 * 4 / 12. No 4-gram twice.
  const words = ["a", "bb", "c", "ddd", "a", "bb", "c", "e"];
  assert.deepEqual(repetitionOf(words).topShares, [6 / 12, 8 / 12, 0]);
  assert.deepEqual(repetitionOf(words).duplicateShares, [0, 0, 0, 0, 0, 0]);
  // Five words twice: the second five are half of the letters, and nothing longer repeats.
  assert.deepEqual(repetitionOf("a b c d e a b c d e".split(" ")).duplicateShares, [0.5, 0, 0, 0, 0, 0]);
  assert.deepEqual(repetitionOf([]), { topShares: [0, 0, 0], duplicateShares: [0, 0, 0, 0, 0, 0] });
});

await test("property: equals the plain version", () => {
  const words = fc.array(fc.constantFrom("a", "bb", "ccc", "d", "a"), { maxLength: 60 });
  fc.assert(
    fc.property(words, fc.boolean(), (some, twice) => {
      const text = twice ? [...some, "x", ...some] : some;
      assert.deepEqual(repetitionOf(text), plainRepetition(text));
    }),
    { numRuns: 300 },
  );
});
