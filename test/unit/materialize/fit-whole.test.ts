import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { fitWhole } from "../../../pipeline/materialize/fit-whole.ts";
import { Random } from "../../../pipeline/math/random.ts";

await test("exchanges worked by hand", () => {
  const rowTokens = Uint32Array.of(100, 50, 40, 107, 61);
  // 7 more: 107 for 100. Ties go to the first in order.
  assert.deepEqual(fitWhole([0, 1], [2, 3, 4], rowTokens, 7), { add: [3], drop: [0] });
  // 11 more: 61 for 50; 40 by itself is 29 off.
  assert.deepEqual(fitWhole([0, 1], [2, 3, 4], rowTokens, 11), { add: [4], drop: [1] });
  // Nothing drawn yet: 40 is 19 off, nothing is 21 off; for 19 it is the other way about.
  assert.deepEqual(fitWhole([], [2, 4], rowTokens, 21), { add: [2], drop: [] });
  assert.deepEqual(fitWhole([], [2, 4], rowTokens, 19), { add: [], drop: [] });
  assert.deepEqual(fitWhole([0], [], rowTokens, 5), { add: [], drop: [] });
  // 18 more takes two: 61 for 100 and 107 for 50.
  assert.deepEqual(fitWhole([0, 1], [3, 4], rowTokens, 18), { add: [4, 3], drop: [0, 1] });
});

await test("never further off than before, and never the same document in and out", () => {
  const documents = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(documents, documents, fc.integer({ min: 0, max: 3000 }), (inside, outside, missing) => {
      const rowTokens = Uint32Array.from([...inside, ...outside]);
      const taken = inside.map((_, row) => row);
      const left = outside.map((_, i) => inside.length + i);
      const { add, drop } = fitWhole(taken, left, rowTokens, missing);
      assert.equal(new Set([...add, ...drop]).size, add.length + drop.length);
      assert(add.every((row) => left.includes(row)) && drop.every((row) => taken.includes(row)));
      const sum = (rows: readonly number[]) => rows.reduce((total, row) => total + rowTokens[row]!, 0);
      const shortest = Math.min(...outside);
      const off = Math.abs(missing - sum(add) + sum(drop));
      assert(off <= Math.min(missing, Math.abs(missing - shortest)));
    }),
    { numRuns: 200 },
  );
});

await test("a few dozen documents of natural lengths meet any budget exactly", () => {
  const random = new Random("lengths");
  const rowTokens = Uint32Array.from({ length: 60 }, () => Math.ceil(400 * Math.exp(0.8 * random.normal())));
  const rows = [...rowTokens.keys()];
  for (let missing = 1; missing < 200; missing++) {
    const { add, drop } = fitWhole(rows.slice(0, 20), rows.slice(20), rowTokens, missing);
    const gain = (of: readonly number[]) => of.reduce((sum, row) => sum + rowTokens[row]!, 0);
    assert.equal(gain(add) - gain(drop), missing);
  }
});
