import assert from "node:assert/strict";
import { test } from "node:test";
import { predictFinal } from "../../../pipeline/search/diagnosis.ts";

const final = [{ weights: [0.25, 0.75] }, { weights: [1, 0] }];
const objectiveAll = (rows: Float64Array) => Float64Array.of(2 + rows[0]!, 2 + rows[2]!);

await test("a prediction's interval takes the model's deviation and a measurement's noise, by hand", () => {
  const [first, second] = predictFinal(final, {
    objectiveAll,
    objectiveWithDeviation: (rows) => ({
      mean: objectiveAll(rows),
      deviation: Float64Array.of(0.3, 0),
      noise: 0.4,
    }),
  });
  // 1.959964 * hypot(0.3, 0.4), and 1.959964 * 0.4.
  assert.equal(first!.objective, 2.25);
  assert.ok(Math.abs(first!.interval!.high - 3.229982) < 1e-9);
  assert.ok(Math.abs(first!.interval!.low - 1.270018) < 1e-9);
  assert.equal(second!.objective, 3);
  assert.ok(Math.abs(second!.interval!.high - 3.7839856) < 1e-9);
});

await test("a predictor that states no deviation gives no interval", () => {
  assert.deepEqual(predictFinal(final, { objectiveAll }), [
    { objective: 2.25, interval: null },
    { objective: 3, interval: null },
  ]);
});
