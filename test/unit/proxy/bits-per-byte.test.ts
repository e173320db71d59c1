import assert from "node:assert/strict";
import test from "node:test";
import { bitsPerByte } from "../../../pipeline/proxy/proxy.ts";

await test("bits per byte pools documents: 24 bits over 6 bytes", () => {
  assert.equal(bitsPerByte([8 * Math.LN2, 16 * Math.LN2], [4, 2]), 4);
});

await test("no bytes, no loss", () => {
  assert.throws(() => bitsPerByte([], []), /bytes=0 of 0 documents should be > 0/);
});
