import assert from "node:assert/strict";
import test from "node:test";
import { ConfigError } from "../../../pipeline/core/errors.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { effectiveDomains } from "../../../pipeline/math/simplex.ts";
import { allowMixtures } from "../../../pipeline/mixture/allowed.ts";
import { limitsFromCaps } from "../../../pipeline/mixture/limits.ts";
import { createSampler } from "../../../pipeline/mixture/sampler.ts";
import { SamplerConfig } from "../../../pipeline/schema/search-config.ts";

const shares = [0.4, 0.3, 0.2, 0.1];
const noCaps = [1, 1, 1, 1];

function drawMany(
  count: number,
  settings: Partial<SamplerConfig>,
  naturalShares: readonly number[] = shares,
  maxWeights: readonly number[] = noCaps,
): Float64Array[] {
  const sampler = { ...SamplerConfig.parse({}), ...settings };
  const allowed = allowMixtures(limitsFromCaps(naturalShares, maxWeights, sampler.minWeight));
  const sample = createSampler({ prior: naturalShares, allowed, sampler });
  const random = new Random("sampler");
  return Array.from({ length: count }, () => sample(random));
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

function meanWeights(draws: readonly Float64Array[]): number[] {
  return shares.map((_, k) => draws.reduce((sum, weights) => sum + weights[k]!, 0) / draws.length);
}

await test("the mean of many draws is the tempered prior", () => {
  const plain = { temperature: 1, minWeight: 0, minStrength: 5, maxStrength: 5, strengths: 1 };
  meanWeights(drawMany(5000, plain)).forEach((mean, k) => {
    assert.ok(Math.abs(mean - shares[k]!) < 0.015, `${k}: ${mean}`);
  });
  // Square roots of the shares, renormalised: 0.6325, 0.5477, 0.4472, 0.3162 over 1.9436.
  meanWeights(drawMany(5000, { ...plain, temperature: 0.5 })).forEach((mean, k) => {
    assert.ok(Math.abs(mean - [0.3254, 0.2818, 0.2301, 0.1627][k]!) < 0.015, `${k}: ${mean}`);
  });
});

await test("strengths make draws sparse or balanced, and scaleByDomains more balanced", () => {
  const sparse = median(drawMany(500, { maxStrength: 0.1 }).map(effectiveDomains));
  const both = median(drawMany(500, {}).map(effectiveDomains));
  const scaled = median(drawMany(500, { scaleByDomains: true }).map(effectiveDomains));
  assert.ok(sparse < 1.3 && sparse < both && both < scaled, `${sparse} ${both} ${scaled}`);
});

await test("on ClimbMix's shares the recipe's settings are as sparse as the recipe's round 1", () => {
  // The scheme of NeMo Curator's 5_mixture.py in numpy, p being the shares below:
  //   cap = np.minimum(15 * p, 1); q = p**.5; q /= q.sum()
  //   d = np.array([r.dirichlet(q * r.choice(np.geomspace(.1, 5, 15))) for _ in range(100000)])
  //   d = np.where(d < 2e-4, 0, d); d /= d.sum(1, keepdims=True); d = d[(d <= cap).all(1)]
  //   np.median(d.max(1)), np.median([np.exp(stats.entropy(w)) for w in d])  ->  0.806, 1.803
  const climbMix = [
    0.859, 1.284, 1.617, 3.586, 1.839, 19.884, 17.946, 1.07, 0.835, 7.559, 1.421, 21.944, 0.718, 0.234, 0.225,
    7.804, 7.506, 2.072, 1.075, 0.522,
  ].map((percent) => percent / 100);
  const caps = climbMix.map((share) => Math.min(1, 15 * share));
  const draws = drawMany(3000, { onViolation: "reject" }, climbMix, caps);
  assert.ok(Math.abs(median(draws.map((weights) => Math.max(...weights))) - 0.806) < 0.03);
  assert.ok(Math.abs(median(draws.map(effectiveDomains)) - 1.803) < 0.15);
});

await test("projection keeps to caps that leave a single mixture", () => {
  const caps = [0.1, 0.2, 0.3, 0.4];
  for (const weights of drawMany(50, { minStrength: 0.01 }, shares, caps)) {
    weights.forEach((weight, k) => assert.ok(Math.abs(weight - caps[k]!) < 1e-9));
  }
});

await test("a remainder too small for one more domain is made up by the full ones", () => {
  const caps = [0.49999, 0.5, 0.5, 0];
  for (const weights of drawMany(200, { minStrength: 0.01, minWeight: 0.01 }, shares, caps)) {
    assert.ok(weights.every((weight) => weight === 0 || weight >= 0.01));
    assert.ok(Math.abs(weights.reduce((left, right) => left + right) - 1) < 1e-12);
  }
});

await test("a domain without tokens stays at zero at any temperature", () => {
  for (const weights of drawMany(100, { temperature: 0 }, [0.5, 0, 0.5, 0], [1, 0, 1, 0])) {
    assert.equal(weights[1]! + weights[3]!, 0);
  }
});

await test("rejection that cannot succeed ends in a ConfigError that names the way out", () => {
  assert.throws(
    () => drawMany(1, { onViolation: "reject" }, shares, [0.1, 0.2, 0.3, 0.4]),
    (error) => error instanceof ConfigError && error.hint.includes("onViolation=project"),
  );
});

await test("bounds that no mixture meets are refused before the first draw", () => {
  assert.throws(
    () => allowMixtures(limitsFromCaps(shares, [0.25, 0.25, 0.25, 0.5], 0.3)),
    /the largest weights of all domains sum to 0.5, which should be >= 1/,
  );
});
