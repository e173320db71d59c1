import assert from "node:assert/strict";
import { test } from "node:test";
import { bits, compact, count, percent, plural, signed } from "../../../pipeline/report/format.ts";

await test("numbers as the report shows them", () => {
  assert.equal(bits(2.15354), "2.1535");
  assert.deepEqual(
    [-0.03124, 0.0094, 0.00004, -0.00004].map((value) => signed(value)),
    ["\u22120.0312", "+0.0094", "0.0000", "0.0000"],
  );
  assert.deepEqual([0, 999, 1000, 1_150_000].map(count), ["0", "999", "1,000", "1,150,000"]);
  assert.deepEqual([812, 94_230, 1_150_000, 2.5e12].map(compact), ["812", "94.2 k", "1.15 M", "2.50 T"]);
  assert.deepEqual([0, 0.0486, 0.23, 1].map(percent), ["0 %", "4.86 %", "23.0 %", "100.0 %"]);
  assert.deepEqual(
    [1, 1200].map((value) => plural(value, "trial")),
    ["1 trial", "1,200 trials"],
  );
});
