import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { readyMadeRows } from "../../../pipeline/embed/ready-made.ts";

const place = (row: number) => `row ${row}`;
const { NaN: none } = Number;

await test("by hand: rows of length 1; NaN alone is no embedding, zeros are the first axis", () => {
  const { rows, has } = readyMadeRows(Float32Array.of(3, 4, none, none, 0, 0), 2, place);
  assert.deepEqual(rows, Float32Array.of(3 / 5, 4 / 5, 0, 0, 1, 0));
  assert.deepEqual([...has], [1, 0, 1]);
});

await test("a value that is no finite number is refused with its row and place", () => {
  for (const value of [none, Infinity, -Infinity]) {
    assert.throws(
      () => readyMadeRows(Float32Array.of(1, 2, 3, value), 2, place),
      (error: unknown) => {
        assert.ok(error instanceof InputError);
        assert.equal(error.message, `row 1 brings an embedding whose value 2 of 2 is ${value}`);
        return true;
      },
    );
  }
});
