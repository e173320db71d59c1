import assert from "node:assert/strict";
import test from "node:test";
import { combine } from "../../../pipeline/predictor/combine.ts";
import { predictRows, type Predictor } from "../../../pipeline/predictor/predictor.ts";

const plain = (value: number): Predictor => ({ name: "plain", predict: () => value });
const unsure = (value: number, deviation: number, noise: number): Predictor => ({
  ...plain(value),
  predictWithDeviation: (rows, domains) => {
    const count = rows.length / domains;
    return {
      mean: new Float64Array(count).fill(value),
      deviation: new Float64Array(count).fill(deviation),
      noise,
    };
  },
});

await test("the weighted mean, one by one and many at once", () => {
  const combined = combine("both", [plain(1), plain(5)], [0.75, 0.25]);
  assert.equal(combined.name, "both");
  assert.equal(combined.predict([1]), 2);
  assert.deepEqual([...predictRows(combined, Float64Array.of(1, 1), 1)], [2, 2]);
  assert.equal("predictWithDeviation" in combined, false);
});

await test("deviation by hand: mean variance of the models that state one, plus variance of all means", () => {
  // Means 0, 2, 4 with shares 1/4, 1/4, 1/2: mean 2.5, variance (6.25 + 0.25) / 4 + 2.25 / 2 = 2.75; the first two state
  // deviations 1 and 3: mean variance 5; noise variances 1 and 7: mean 4.
  const models = [unsure(0, 1, 1), unsure(2, 3, Math.sqrt(7)), plain(4)];
  const { mean, deviation, noise } = combine("three", models, [0.25, 0.25, 0.5]).predictWithDeviation!(
    Float64Array.of(1),
    1,
  );
  assert.equal(mean[0], 2.5);
  assert.ok(Math.abs(deviation[0]! - Math.sqrt(7.75)) < 1e-12);
  assert.ok(Math.abs(noise - 2) < 1e-12);
});

await test("models that state a deviation count alike where none of them has a share", () => {
  // Mean 4; variance of the means 0; mean variance (1 + 9) / 2, mean noise variance (1 + 7) / 2.
  const models = [unsure(0, 1, 1), unsure(2, 3, Math.sqrt(7)), plain(4)];
  const { mean, deviation, noise } = combine("three", models, [0, 0, 1]).predictWithDeviation!(
    Float64Array.of(1),
    1,
  );
  assert.equal(mean[0], 4);
  assert.ok(Math.abs(deviation[0]! - Math.sqrt(5)) < 1e-12 && Math.abs(noise - 2) < 1e-12);
});
