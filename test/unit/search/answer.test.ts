import assert from "node:assert/strict";
import test from "node:test";
import { flatRanges } from "../../../pipeline/search/flat-range.ts";
import { paretoFront } from "../../../pipeline/search/pareto.ts";

const trial = (...losses: number[]) => ({
  losses: losses.map((loss, i) => ({ target: `t${i}`, loss })),
});

await test("the Pareto front by hand", () => {
  const [a, b, c, d, e] = [trial(1, 5), trial(2, 3), trial(3, 3), trial(4, 1), trial(5, 6)] as const;
  assert.deepEqual(paretoFront([e, d, c, b, a]), [a, b, d]);
  assert.deepEqual(paretoFront([a, a]), [a, a], "equals do not beat one another");
});

/** 100 (w_0 - .3)^2 of each row of two. */
function bowl(rows: Float64Array): Float64Array {
  return Float64Array.from({ length: rows.length / 2 }, (_, row) => 100 * (rows[2 * row]! - 0.3) ** 2);
}

await test("the range in which a bowl stays within the tolerance, by hand", () => {
  // 100 d^2 <= 1 for |d| <= .1; weights are looked at in 40 steps from .3 to 0 and to 1.
  const [first, second] = flatRanges([0.3, 0.7], bowl, () => true, 1);
  assert.ok(Math.abs(first!.low - 0.2) < 0.01 && first!.low >= 0.2 - 1e-12);
  assert.ok(Math.abs(first!.high - 0.4) < 0.02 && first!.high <= 0.4 + 1e-12);
  assert.ok(Math.abs(second!.low - 0.6) < 0.02 && Math.abs(second!.high - 0.8) < 0.02);
});

await test("a constraint ends the range", () => {
  const [first] = flatRanges([0.3, 0.7], bowl, (weights) => weights[0]! <= 0.35, 1);
  assert.ok(first!.high <= 0.35 && first!.high > 0.32);
  const [still] = flatRanges([0.3, 0.7], bowl, () => true, -1);
  assert.deepEqual(still, { low: 0.3, high: 0.3 });
});
