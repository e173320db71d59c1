import assert from "node:assert/strict";
import { test } from "node:test";
import { poolTokens } from "../../../pipeline/embed/pool-tokens.ts";

/** Three tokens with four dimensions. */
const data = Float32Array.from({ length: 12 }, (_, i) => i * i);
const states = { data, dims: [1, 3, 4] };
const pool = (pooling: "mean" | "cls" | "last-token", dimension = 4, centred = false) => [
  ...poolTokens(states, { pooling, centred }, dimension),
];

await test("sum of the tokens, the first, the last, by hand", () => {
  assert.deepEqual(pool("cls"), [0, 1, 4, 9]);
  assert.deepEqual(pool("last-token"), [64, 81, 100, 121]);
  assert.deepEqual(pool("mean"), [0 + 16 + 64, 1 + 25 + 81, 4 + 36 + 100, 9 + 49 + 121]);
});

await test("leading dimensions, of the vector less its mean where the model was trained so", () => {
  assert.deepEqual(pool("last-token", 2), [64, 81]);
  // (0 + 1 + 4 + 9) / 4 = 3.5; (64 + 81 + 100 + 121) / 4 = 91.5
  assert.deepEqual(pool("cls", 2, true), [-3.5, -2.5]);
  assert.deepEqual(pool("last-token", 2, true), [-27.5, -10.5]);
  assert.deepEqual(pool("cls", 4, true), pool("cls"));
});
