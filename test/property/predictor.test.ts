import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Random } from "../../pipeline/math/random.ts";
import { binFeatures } from "../../pipeline/predictor/binning.ts";
import type { FitInput } from "../../pipeline/predictor/predictor.ts";
import { predictors } from "../../pipeline/predictor/registry.ts";
import { growTree, predictBinned, predictTree } from "../../pipeline/predictor/tree.ts";
import { drawMixtures } from "../unit/predictor/synthetic.ts";
import { referenceStump } from "../unit/predictor/reference-stump.ts";

/** Mixtures with ties and zeros, and losses of any scale. */
const inputs = fc
  .record({
    rows: fc.integer({ min: 1, max: 24 }),
    domains: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(),
    step: fc.constantFrom(0, 0.1, 0.25),
    scale: fc.constantFrom(1e-6, 1, 1e6),
  })
  .map(({ rows, domains, seed, step, scale }): FitInput => {
    const random = new Random(seed);
    const weights = drawMixtures(rows, domains, random).map((weight) =>
      step === 0 ? weight : Math.round(weight / step) * step,
    );
    const targets = new Float64Array(rows).map(() => scale * random.normal());
    return { weights, rows, domains, targets, random: random.fork("fit") };
  });

await test("predictions are finite, and the same for the same input", () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const corner = new Float64Array(input.domains);
      corner[0] = 1;
      for (const fit of Object.values(predictors)) {
        const value = fit(input).predict(corner);
        assert.ok(Number.isFinite(value), `${value}`);
        assert.equal(fit(input).predict(corner), value);
      }
    }),
    { numRuns: 25 },
  );
});

await test("the first split is the best of all splits, tried one by one", () => {
  const options = fc.record({
    minRowsPerLeaf: fc.integer({ min: 1, max: 4 }),
    l1: fc.constantFrom(0, 0.5),
    l2: fc.constantFrom(0, 1),
  });
  fc.assert(
    fc.property(inputs, options, (input, penalties) => {
      const { weights, rows, domains } = input;
      const residuals = input.targets.map(() => input.random.normal());
      const data = binFeatures(weights, rows, domains);
      const all = Uint32Array.from({ length: rows }, (_, row) => row);
      const tree = growTree(data, residuals, all, { leaves: 2, depth: 1, ...penalties });
      const best = referenceStump(weights, rows, domains, residuals, penalties);
      for (let row = 0; row < rows; row++) {
        const mixture = weights.subarray(row * domains, (row + 1) * domains);
        assert.equal(predictBinned(tree, data, row), predictTree(tree, mixture));
        assert.ok(Math.abs(predictTree(tree, mixture) - best(mixture)) < 1e-9);
      }
    }),
  );
});
