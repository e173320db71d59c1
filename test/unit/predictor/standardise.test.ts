import assert from "node:assert/strict";
import test from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { predictRows, type FitInput } from "../../../pipeline/predictor/predictor.ts";
import { onStandardisedTargets, takeRows } from "../../../pipeline/predictor/standardise.ts";

const input: FitInput = {
  weights: Float64Array.of(0.7, 0.3, 0.1, 0.9, 0.4, 0.6),
  rows: 3,
  domains: 2,
  targets: Float64Array.of(30, 10, 20),
  random: new Random("standardise"),
};

await test("the fit sees standardised targets in the order of the weights; predictions come back in units", () => {
  let seen: FitInput | undefined;
  const predictor = onStandardisedTargets((standardised) => {
    seen = standardised;
    return { name: "first weight", predict: (weights) => weights[0]! };
  })(input);
  assert.deepEqual([...seen!.weights], [0.1, 0.9, 0.4, 0.6, 0.7, 0.3]);
  const deviation = Math.sqrt(200 / 3);
  assert.deepEqual([...seen!.targets], [-10 / deviation, 0, 10 / deviation]);
  assert.equal(predictor.predict([0.5, 0.5]), 20 + deviation * 0.5);
  assert.deepEqual(
    [...predictRows(predictor, Float64Array.of(0.5, 0.5, 0, 1), 2)],
    [20 + deviation * 0.5, 20],
  );
  assert.deepEqual([...input.targets], [30, 10, 20]);
});

await test("equal targets predict themselves", () => {
  const predictor = onStandardisedTargets(({ targets }) => {
    assert.deepEqual([...targets], [0, 0, 0]);
    return { name: "anything", predict: () => 7 };
  })({ ...input, targets: Float64Array.of(0.1, 0.1, 0.1) });
  assert.ok(Math.abs(predictor.predict([1, 0]) - 0.1) < 1e-15);
});

await test("rows are taken by index", () => {
  const { weights, rows, targets } = takeRows(input, [2, 0]);
  assert.deepEqual([[...weights], rows, [...targets]], [[0.4, 0.6, 0.7, 0.3], 2, [20, 30]]);
});

await test("shapes and values are checked", () => {
  const fit = onStandardisedTargets(() => ({ name: "none", predict: () => 0 }));
  assert.throws(() => fit({ ...input, rows: 2 }), InputError);
  assert.throws(() => fit({ ...input, targets: Float64Array.of(1, Number.NaN, 2) }), /mixture 1 of 3/);
  const weights = Float64Array.of(0.7, 0.3, 0.1, 0.9, Infinity, 0.6);
  assert.throws(() => fit({ ...input, weights }), /mixture 2 of 3/);
});
