import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../../pipeline/core/errors.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { normalise, projectOntoBounds } from "../../../pipeline/math/simplex.ts";
import {
  type AllowedMixtures,
  allowMixtures,
  type MixtureLimits,
} from "../../../pipeline/mixture/allowed.ts";
import { klDivergence, totalVariation } from "../../../pipeline/mixture/divergence.ts";
import { limitsFromCaps, mixtureLimits } from "../../../pipeline/mixture/limits.ts";
import { nearestWithin } from "../../../pipeline/mixture/nearest.ts";
import { ConstraintsConfig } from "../../../pipeline/schema/constraints-config.ts";
import { drawMixtures } from "../predictor/synthetic.ts";

const round = (weights: ArrayLike<number>) => Array.from(weights, (weight) => Number(weight.toFixed(9)));

const tight: MixtureLimits = {
  names: ["a", "b", "c", "d"],
  naturalShares: [0.4, 0.3, 0.2, 0.1],
  lower: Float64Array.of(0, 0, 0, 0),
  upper: Float64Array.of(1, 1, 1, 1),
  groups: [],
  minWeight: 0,
  maxKl: null,
  maxTv: null,
};

await test("natural and uniform mixtures keep to the caps", () => {
  assert.deepEqual(round(allowMixtures(tight).natural), [0.4, 0.3, 0.2, 0.1]);
  const scarce = allowMixtures(limitsFromCaps([0.02, 0.48, 0.5], [0.08, 1, 1], 0));
  assert.deepEqual(round(scarce.uniform), [0.08, 0.46, 0.46]);
  assert.equal(
    allowMixtures(limitsFromCaps([0, 0.5, 0.5], [0, 1, 1], 0)).uniform[0],
    0,
    "an empty domain gets nothing",
  );
});

await test("the nearest mixture by hand: bounds first, proportions of the rest kept", () => {
  const bounds = { lower: Float64Array.of(0.6, 0, 0, 0), upper: Float64Array.of(1, 1, 1, 0.05), groups: [] };
  // a is held at .6, d at .05; b and c share .35 as 3 : 2.
  assert.deepEqual(round(nearestWithin(tight.naturalShares, bounds)), [0.6, 0.21, 0.14, 0.05]);
  // The group c + d is held at .5 and keeps 2 : 1; a and b keep 4 : 3.
  const groups = [{ name: "g", members: [2, 3], min: 0.5, max: 1 }];
  const grouped = nearestWithin(tight.naturalShares, { ...tight, groups });
  assert.deepEqual(
    round(grouped),
    [2 / 7, 3 / 14, 1 / 3, 1 / 6].map((weight) => Number(weight.toFixed(9))),
  );
});

await test("without groups and lower bounds bisection agrees with water-filling", () => {
  const random = new Random("filling");
  for (let i = 0; i < 50; i++) {
    const weights = drawMixtures(1, 6, random);
    const upper = new Float64Array(6).map(() => 0.15 + 0.4 * random.uniform());
    const everyone = [{ name: "all", members: [0, 1, 2, 3, 4, 5], min: 0, max: 1 }];
    const bisected = nearestWithin(weights, { lower: new Float64Array(6), upper, groups: everyone });
    assert.deepEqual(round(bisected), round(projectOntoBounds(weights, upper)));
  }
});

await test("an infeasible set is refused with the smallest relaxation that would do, and that does", () => {
  const cases: [Partial<MixtureLimits>, RegExp, Partial<MixtureLimits>][] = [
    [
      { upper: Float64Array.of(0.3, 0.3, 0.2, 0.1) },
      /largest weights of all domains sum to 0.9.*raise max weights by 0.1 in all/s,
      { upper: Float64Array.of(0.4, 0.3, 0.2, 0.1) },
    ],
    [
      { lower: Float64Array.of(0.5, 0.4, 0.2, 0) },
      /smallest weights of all domains sum to 1.1.*lower min weights by 0.1 in all/s,
      { lower: Float64Array.of(0.5, 0.3, 0.2, 0) },
    ],
    [
      { upper: Float64Array.of(1, 1, 0.1, 0.1), groups: [{ name: "g", members: [2, 3], min: 0.3, max: 1 }] },
      /group g should hold at least 0.3.*lower group g's min to 0.2/s,
      { upper: Float64Array.of(1, 1, 0.1, 0.1), groups: [{ name: "g", members: [2, 3], min: 0.2, max: 1 }] },
    ],
    [
      { lower: Float64Array.of(0.7, 0, 0, 0), maxTv: 0.2 },
      /at least 0.3000 from the natural one.*maxTv=0.3/s,
      { lower: Float64Array.of(0.7, 0, 0, 0), maxTv: 0.3001 },
    ],
    // KL of (.7, .15, .1, .05) to the natural mixture: .7 ln 1.75 + .3 ln .5 = .1838.
    [
      { lower: Float64Array.of(0.7, 0, 0, 0), maxKl: 0.1 },
      /at least 0.1838 from the natural one.*maxKl=0.1838/s,
      { lower: Float64Array.of(0.7, 0, 0, 0), maxKl: 0.1839 },
    ],
  ];
  for (const [limits, message, relaxed] of cases) {
    assert.throws(
      () => allowMixtures({ ...tight, ...limits }),
      (error) => error instanceof ConfigError && message.test(`${error.message} ${error.hint}`),
    );
    assert.doesNotThrow(() => allowMixtures({ ...tight, ...relaxed }));
  }
});

await test("constraints name domains by id or name; a fixed weight beyond the cap and a domain in two groups are refused", () => {
  const domains = [
    { id: "domain_0", name: "Sport", naturalShare: 0.5, tokens: 500 },
    { id: "domain_1", name: "Code", naturalShare: 0.5, tokens: 500 },
  ];
  const budget = { targetTokens: 1000, proxyTokens: null, maxEpochs: 1.6 };
  const resolve = (constraints: object) =>
    mixtureLimits(domains, budget, ConstraintsConfig.parse(constraints), 0);
  const { lower, upper } = resolve({ bounds: { sport: { max: 0.7 } }, fixed: { domain_1: 0.4 } });
  assert.deepEqual(
    [[...lower], [...upper]],
    [
      [0, 0.4],
      [0.7, 0.4],
    ],
  );
  assert.throws(() => resolve({ fixed: { code: 0.9 } }), /fixed.code=0.9 should be <= 0.8/);
  assert.throws(() => resolve({ bounds: { maths: { max: 0.7 } } }), /"maths", which is no domain/);
  const groups = [
    { name: "x", domains: ["code"] },
    { name: "y", domains: ["domain_1"] },
  ];
  assert.throws(() => resolve({ groups }), /code is in x and in y|domain_1 is in x and in y/);
});

const share = fc.double({ min: 0.01, max: 1, noNaN: true });
const scenario = fc.record({
  natural: fc.array(share, { minLength: 3, maxLength: 12 }),
  widths: fc.array(share, { minLength: 12, maxLength: 12 }),
  slack: fc.double({ min: 0, max: 0.5, noNaN: true }),
  minWeight: fc.constantFrom(0, 0.002, 0.02),
  hasKl: fc.boolean(),
  hasTv: fc.boolean(),
  seed: fc.integer(),
});

/** Limits that hold at least one mixture, drawn first. */
function feasible({
  natural,
  widths,
  slack,
  minWeight,
  hasKl,
  hasTv,
  seed,
}: typeof scenario extends fc.Arbitrary<infer S> ? S : never) {
  const random = new Random(seed);
  const domains = natural.length;
  const naturalShares = normalise(natural);
  const centre = drawMixtures(1, domains, random);
  const held = (centre[0] ?? 0) + (centre[1] ?? 0);
  return {
    names: natural.map((_, i) => `d${i}`),
    naturalShares,
    lower: centre.map((weight, i) => (i % 3 === 0 ? weight * (1 - widths[i]!) : 0)),
    upper: centre.map((weight, i) => Math.min(1, weight + widths[i]! * slack)),
    groups: [{ name: "g", members: [0, 1], min: held * 0.9, max: Math.min(1, held + slack) }],
    minWeight,
    maxKl: hasKl ? klDivergence(centre, naturalShares) + slack : null,
    maxTv: hasTv ? Math.min(1, totalVariation(centre, naturalShares) + slack) : null,
  };
}

await test("whatever is repaired keeps every limit, and what keeps them is left alone", () => {
  let repaired = 0;
  fc.assert(
    fc.property(scenario, (drawn) => {
      let allowed: AllowedMixtures;
      try {
        allowed = allowMixtures(feasible(drawn));
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error)); // the floor may leave nothing
        return;
      }
      const random = new Random(drawn.seed).fork("points");
      for (let i = 0; i < 8; i++) {
        const point = allowed.repair(drawMixtures(1, drawn.natural.length, random));
        if (point === undefined) continue;
        repaired++;
        assert.ok(Math.abs(point.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-11);
        assert.ok(allowed.contains(point), [...point].join(" "));
        assert.deepEqual(round(allowed.repair(point)!), round(point));
      }
      assert.ok(allowed.contains(allowed.natural) && allowed.contains(allowed.uniform));
    }),
    { numRuns: 200 },
  );
  assert.ok(repaired > 500, `only ${repaired} were repaired`);
});

await test("the allowed natural mixture is the nearest one, in KL and in total variation", () => {
  fc.assert(
    fc.property(scenario, (drawn) => {
      const limits = { ...feasible(drawn), minWeight: 0, maxKl: null, maxTv: null };
      const { natural, repair } = allowMixtures(limits);
      const random = new Random(drawn.seed).fork("others");
      for (let i = 0; i < 20; i++) {
        const other = repair(drawMixtures(1, limits.names.length, random))!;
        assert.ok(
          klDivergence(natural, limits.naturalShares) <= klDivergence(other, limits.naturalShares) + 1e-9,
        );
        assert.ok(
          totalVariation(natural, limits.naturalShares) <= totalVariation(other, limits.naturalShares) + 1e-9,
        );
      }
    }),
    { numRuns: 100 },
  );
});
