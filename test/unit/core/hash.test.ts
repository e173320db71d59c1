import assert from "node:assert/strict";
import test from "node:test";
import { canonicalJson, hashJson } from "../../../pipeline/core/hash.ts";

await test("canonical JSON sorts keys at every depth and leaves lists alone", () => {
  assert.equal(canonicalJson({ b: [{ d: 1, c: 2 }], a: null }), '{"a":null,"b":[{"c":2,"d":1}]}');
  assert.equal(canonicalJson({ a: undefined, b: 1 }), '{"b":1}');
});

await test("the hash of a value is the sha256 of its canonical JSON", () => {
  // printf '{"a":1}' | sha256sum
  assert.equal(hashJson({ a: 1 }), "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862");
  assert.equal(hashJson({ x: 1, y: 2 }), hashJson({ y: 2, x: 1 }));
});
