import assert from "node:assert/strict";
import test from "node:test";
import { allowMixtures } from "../../../pipeline/mixture/allowed.ts";
import { limitsFromCaps } from "../../../pipeline/mixture/limits.ts";
import { minimiseConvex } from "../../../pipeline/search/proposers/olmix.ts";

const natural = [0.5, 0.3, 0.2];
const t = [1, -1, 0.5];

const linear = (weights: ArrayLike<number>) => t.reduce((sum, slope, i) => sum + slope * weights[i]!, 0);
const law = (weights: ArrayLike<number>) => 1 + Math.exp(linear(weights));

await test("a linear loss with KL has the minimum natural * exp(-t / weight), normalised", () => {
  const allowed = allowMixtures(limitsFromCaps(natural, [1, 1, 1], 0));
  const found = minimiseConvex(linear, allowed, 0.5);
  const expected = natural.map((share, i) => share * Math.exp(-t[i]! / 0.5));
  const total = expected.reduce((sum, value) => sum + value, 0);
  found.forEach((weight, i) => assert.ok(Math.abs(weight - expected[i]! / total) < 1e-6, `${weight}`));
});

await test("caps hold, and the rest is as slack as scipy's SLSQP finds it", () => {
  // scipy 1.10: minimize(lambda w: 1 + np.exp(w @ [1, -1, .5]) + .05 * np.sum(w * np.log(w / p)), p, method="SLSQP",
  //   bounds=[(1e-12, 1), (1e-12, .6), (1e-12, 1)], constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
  //   options={"ftol": 1e-15}).x
  const allowed = allowMixtures(limitsFromCaps(natural, [1, 0.6, 1], 0));
  const found = minimiseConvex(law, allowed, 0.05);
  [0.00121824, 0.6, 0.39878176].forEach((weight, i) =>
    assert.ok(Math.abs(weight - found[i]!) < 1e-5, [...found].join(" ")),
  );
});
