import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Random } from "../../pipeline/math/random.ts";
import { maxWeights } from "../../pipeline/mixture/constraints.ts";
import { allowMixtures } from "../../pipeline/mixture/allowed.ts";
import { limitsFromCaps } from "../../pipeline/mixture/limits.ts";
import { createSampler } from "../../pipeline/mixture/sampler.ts";

const scenario = fc.record({
  tokens: fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 2, maxLength: 25 }),
  /** targetTokens as a share of all tokens at the cap: near 1 leaves little freedom. */
  tightness: fc.double({ min: 0.01, max: 1, noNaN: true }),
  maxEpochs: fc.double({ min: 0.5, max: 8, noNaN: true }),
  minWeight: fc.constantFrom(0, 0.0002, 0.01),
  temperature: fc.double({ min: 0, max: 1, noNaN: true }),
  minStrength: fc.double({ min: 0.001, max: 1, noNaN: true }),
  seed: fc.integer(),
});

await test("every sampled mixture sums to 1 and keeps to floor and caps", () => {
  let checked = 0;
  fc.assert(
    fc.property(scenario, ({ tokens, tightness, maxEpochs, minWeight, temperature, minStrength, seed }) => {
      const available = tokens.reduce((left, right) => left + right, 0);
      const targetTokens = Math.max(1, Math.floor(tightness * maxEpochs * available));
      if (targetTokens > maxEpochs * available) return;
      const caps = maxWeights(tokens, { targetTokens, proxyTokens: null, maxEpochs });
      // Caps below the floor count as 0; createSampler refuses what is left without a mixture.
      const usable = caps.filter((cap) => cap >= minWeight).reduce((left, right) => left + right, 0);
      if (usable < 1) return;
      const prior = tokens.map((count) => count / available);
      const sample = createSampler({
        prior,
        allowed: allowMixtures(limitsFromCaps(prior, caps, minWeight)),
        sampler: {
          temperature,
          minStrength,
          maxStrength: 5,
          strengths: 15,
          scaleByDomains: false,
          onViolation: "project",
        },
      });
      const random = new Random(seed);
      for (let i = 0; i < 10; i++) {
        const weights = sample(random);
        assert.ok(Math.abs(weights.reduce((left, right) => left + right, 0) - 1) <= 1e-12);
        weights.forEach((weight, k) => {
          assert.ok(weight === 0 || weight >= minWeight, `${weight} is below the floor`);
          assert.ok(weight <= caps[k]! + 1e-12, `${weight} is above the cap ${caps[k]}`);
        });
        checked++;
      }
    }),
  );
  assert.ok(checked > 100, `only ${checked} mixtures were checked`);
});
