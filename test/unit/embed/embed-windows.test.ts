import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InputError } from "../../../pipeline/core/errors.ts";
import { embedWindows, type Window, type WindowModel } from "../../../pipeline/embed/embed-windows.ts";

/** Windows of at most three characters; a window's vector is (its number of characters, its first one's code). */
function fakeModel(batches: number[][]): WindowModel {
  return {
    name: "fake",
    dimension: 2,
    windows: (text) => (text.match(/.{1,3}/g) ?? []).map((part) => Array.from(part, (c) => c.charCodeAt(0))),
    forward: async (windows: readonly Window[]) => {
      batches.push(windows.map(({ length }) => length));
      return Float32Array.from(windows.flatMap((window) => [window.length, window[0]!]));
    },
  };
}
const unit = (x: number, y: number) => [x / Math.hypot(x, y), y / Math.hypot(x, y)];
const near = (actual: Float32Array, expected: readonly number[]) => {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(actual[i]! - value) < 1e-6, actual.join());
};

await test("by hand: windows of one length go together, pieces are averaged by length, no text is the first axis", async () => {
  const batches: number[][] = [];
  const rows = await embedWindows(fakeModel(batches), ["ab", "cdef", "g", "hi", ""], 4);
  assert.deepEqual(batches, [[1, 1], [2, 2], [3]]);
  const [cde, f] = [unit(3, 99), unit(1, 102)];
  const [x, y] = [3 * cde[0]! + f[0]!, 3 * cde[1]! + f[1]!];
  near(rows, [unit(2, 97), unit(x, y), unit(1, 103), unit(2, 104), [1, 0]].flat());
});

await test("equal to one text at a time, whatever the budget; what is done adds up", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 10 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 20 }),
      async (texts, budget) => {
        const batches: number[][] = [];
        let done = 0;
        const rows = await embedWindows(fakeModel(batches), texts, budget, (count) => {
          done += count;
        });
        for (const [row, text] of texts.entries()) {
          assert.deepEqual(rows.slice(2 * row, 2 * row + 2), await embedWindows(fakeModel([]), [text], 1));
        }
        for (const batch of batches) {
          assert.equal(new Set(batch).size, 1);
          assert.ok(batch.length === 1 || batch.length * batch[0]! <= budget);
        }
        const seen = texts.filter((text) => fakeModel([]).windows(text).length > 0).length;
        assert.ok(Math.abs(done - seen) < 1e-9);
      },
    ),
  );
});

await test("a vector that is not finite is refused with its text", async () => {
  const model: WindowModel = { ...fakeModel([]), forward: async () => Float32Array.of(1, Number.NaN) };
  await assert.rejects(embedWindows(model, ["odd text"], 1), (error: unknown) => {
    return (
      error instanceof InputError && /fake gives no finite vector for the text 'odd text'/.test(error.message)
    );
  });
});
