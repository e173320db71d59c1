import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { conditionDraws } from "../../../pipeline/math/square-root-filter.ts";

const variance = (values: Float64Array) =>
  values.reduce((sum, value) => sum + value ** 2, 0) / (values.length - 1);

await test("by hand: two draws of variance 2, measured with a noise of variance 2, keep a variance of 1", () => {
  const here = Float64Array.of(1, -1);
  conditionDraws(here, Float64Array.of(1, -1), 2);
  // Gain 2 / 4 / (1 + sqrt(1 / 2)): 1 - 0.5 / 1.7071 = 0.7071.
  assert.ok(Math.abs(here[0]! - Math.SQRT1_2) < 1e-12 && Math.abs(here[1]! + Math.SQRT1_2) < 1e-12);
  assert.ok(Math.abs(variance(here) - 1) < 1e-12);
});

await test("without noise nothing is left to doubt there; where draws agree nothing changes", () => {
  const here = Float64Array.of(1, 0, -1);
  conditionDraws(here, Float64Array.of(2, 0, -2), 0);
  assert.deepEqual([...here], [0, 0, 0]);
  conditionDraws(here, Float64Array.of(0, 0, 0), 0);
  assert.deepEqual([...here], [0, 0, 0]);
});

await test("the variance is that of Gaussian conditioning: v - c^2 / (s + r)", () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), {
        minLength: 3,
        maxLength: 8,
      }),
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      (pairs, noiseVariance) => {
        const centred = (side: 0 | 1) => {
          const centre = pairs.reduce((sum, pair) => sum + pair[side], 0) / pairs.length;
          return Float64Array.from(pairs, (pair) => pair[side] - centre);
        };
        const [here, measured] = [centred(0), centred(1)];
        const covariance = here.reduce((sum, value, i) => sum + value * measured[i]!, 0) / (pairs.length - 1);
        const expected = variance(here) - covariance ** 2 / (variance(measured) + noiseVariance);
        conditionDraws(here, measured, noiseVariance);
        assert.ok(Math.abs(variance(here) - expected) < 1e-9);
      },
    ),
  ));
