import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { embedWindows, type Window, type WindowModel } from "../../../pipeline/embed/embed-windows.ts";

/** Windows of at most three characters; a window's vector is (its number of characters, its first one's code). */
const fakeModel: WindowModel = {
  name: "fake",
  dimension: 2,
  windows: (text) => (text.match(/.{1,3}/g) ?? []).map((part) => Array.from(part, (c) => c.charCodeAt(0))),
  forward: async (window: Window) => Float32Array.of(window.length, window[0]!),
};
const unit = (x: number, y: number) => [x / Math.hypot(x, y), y / Math.hypot(x, y)];
const near = (actual: Float32Array, expected: readonly number[]) => {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(actual[i]! - value) < 1e-6, actual.join());
};

await test("by hand: pieces are averaged by length, no text is the first axis; what is done adds up", async () => {
  let done = 0;
  const rows = await embedWindows(fakeModel, ["ab", "cdef", "g", "hi", ""], (texts) => {
    done += texts;
  });
  const [cde, f] = [unit(3, 99), unit(1, 102)];
  const [x, y] = [3 * cde[0]! + f[0]!, 3 * cde[1]! + f[1]!];
  near(rows, [unit(2, 97), unit(x, y), unit(1, 103), unit(2, 104), [1, 0]].flat());
  assert.equal(done, 4);
});

await test("a vector that is not finite is refused with its text", async () => {
  const model: WindowModel = { ...fakeModel, forward: async () => Float32Array.of(1, Number.NaN) };
  await assert.rejects(embedWindows(model, ["odd text"]), (error: unknown) => {
    return (
      error instanceof InputError && /fake gives no finite vector for the text 'odd text'/.test(error.message)
    );
  });
});
