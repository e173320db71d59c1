import assert from "node:assert/strict";
import test from "node:test";
import { mixtureKey } from "../../../pipeline/mixture/key.ts";

await test("the key is the weights in billionths", () => {
  assert.equal(mixtureKey([0.25, 0, 0.75]), "250000000 0 750000000");
});

await test("weights that differ below 1e-9 share a key, others do not", () => {
  assert.equal(mixtureKey([1 / 3, 2 / 3]), mixtureKey(Float64Array.of(1 / 3 + 1e-12, 2 / 3 - 1e-12)));
  assert.notEqual(mixtureKey([0.5, 0.5]), mixtureKey([0.5 + 1e-8, 0.5 - 1e-8]));
  assert.notEqual(mixtureKey([1, 0]), mixtureKey([1]));
  assert.equal(mixtureKey([-0, 1]), mixtureKey([0, 1]));
});
