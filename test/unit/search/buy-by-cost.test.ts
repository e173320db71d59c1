import assert from "node:assert/strict";
import test from "node:test";
import { mixtureKey } from "../../../pipeline/mixture/key.ts";
import { fitObjective } from "../../../pipeline/predictor/objective.ts";
import type { FitPredictor, Predictor } from "../../../pipeline/predictor/predictor.ts";
import { onCheapTier } from "../../../pipeline/predictor/tiers.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { buyByCost, type Offer, priceOf } from "../../../pipeline/search/buy-by-cost.ts";

const [a, b, c] = [Float64Array.of(1, 0), Float64Array.of(0.5, 0.5), Float64Array.of(0, 1)];

/** Says mean and deviation of a, b and c as it is told; what it is to believe it is sure of. */
function stated(
  table: Readonly<Record<"a" | "b" | "c", [mean: number, deviation: number]>>,
  noise = 0,
): Predictor {
  const of = (weights: ArrayLike<number>) => table[weights[0] === 1 ? "a" : weights[0] === 0 ? "c" : "b"];
  const each = (rows: Float64Array, pick: 0 | 1) =>
    Float64Array.from({ length: rows.length / 2 }, (_, row) => of(rows.subarray(2 * row))[pick]);
  return {
    name: "stated",
    predict: (weights) => of(weights)[0],
    predictWithDeviation: (rows) => ({ mean: each(rows, 0), deviation: each(rows, 1), noise }),
    believe: (rows) => {
      const name = rows[0] === 1 ? "a" : rows[0] === 0 ? "c" : "b";
      return stated({ ...table, [name]: [table[name][0], 0] }, noise);
    },
  };
}

/** The dear tier is the cheap one plus a rest of mean 0: two trials whose losses are the cheap predictions make the slope 1. */
function tiers(cheap: Predictor, rest: Predictor) {
  const own: FitPredictor = () => rest;
  const weights = Float64Array.from([...a, ...c]);
  const losses = [Float64Array.of(cheap.predict(a), cheap.predict(c))];
  return fitObjective(
    onCheapTier("tiers", own, [cheap]),
    { weights, rows: 2, domains: 2, losses, targetWeights: [1] },
    new Random(1),
  );
}

function offer(cheap: Predictor, rest: Predictor, more: Partial<Offer> = {}): Offer {
  return {
    model: tiers(cheap, rest),
    measured: [a],
    candidates: [b, c],
    costs: [1, 0.25],
    depthOf: new Map([[mixtureKey(a), 0]]),
    purse: 10,
    dearOnly: false,
    mostTrials: 1,
    ...more,
  };
}
const flat = (deviation: number) => stated({ a: [0, 0], b: [0, deviation], c: [0, 0.9 * deviation] });

await test("by hand: a trial is worth the improvement it can settle, over its price", () => {
  // All means are 1, so that the improvement is deviation / sqrt(2 pi). At b the cheap tier doubts by .3 and the rest by .4: a cheap
  // trial settles .3 for .25, a dear one (with the cheap one before it) .5 for 1.25: 1.2 against .4 a unit of cost.
  const cheap = stated({ a: [2, 0], b: [1, 0.3], c: [1, 0.05] });
  assert.deepEqual(buyByCost(offer(cheap, flat(0.4))), [{ mixture: b, depth: 1 }]);
  // Where the cheap tier is sure, only a dear trial tells anything.
  const sure = stated({ a: [2, 0], b: [1, 0], c: [1, 0] });
  assert.deepEqual(buyByCost(offer(sure, flat(0.4))), [{ mixture: b, depth: 0 }]);
  // As noisy as doubtful, the cheap tier settles half of its variance: .212 for .25, .849 a unit, still the best.
  const noisy = stated({ a: [2, 0], b: [1, 0.3], c: [1, 0] }, 0.3);
  assert.deepEqual(buyByCost(offer(noisy, flat(0.4))), [{ mixture: b, depth: 1 }]);
  // ... but not at .9 of the dear price: .236 a unit, the dear one sqrt(.4^2 + .045) / 1.9 = .238.
  assert.deepEqual(buyByCost(offer(noisy, flat(0.4), { costs: [1, 0.9] })), [{ mixture: b, depth: 0 }]);
});

await test("a mixture is promoted once the cheaper trial is paid, and pays only the rest", () => {
  const cheap = stated({ a: [2, 0], b: [1, 0.3], c: [1, 0.2] });
  const bought = buyByCost(offer(cheap, flat(0.4), { mostTrials: 9 }));
  assert.deepEqual(bought, [
    { mixture: b, depth: 1 },
    { mixture: c, depth: 1 },
    { mixture: b, depth: 0 },
    { mixture: c, depth: 0 },
  ]);
  // Two cheap ones and one dear cost 1.5.
  assert.equal(buyByCost(offer(cheap, flat(0.4), { mostTrials: 9, purse: 1.5 })).length, 3);
  assert.equal(buyByCost(offer(cheap, flat(0.4), { mostTrials: 9, purse: 1.49 })).length, 2);
  const measuredCheap = new Map([[mixtureKey(b), 1]]);
  const last = offer(cheap, flat(0.4), { dearOnly: true, purse: 1, depthOf: measuredCheap });
  assert.deepEqual(buyByCost(last), [{ mixture: b, depth: 0 }]);
  assert.equal(priceOf([1, 0.25, 0.05], 0, 3), 1.3);
  assert.equal(priceOf([1, 0.25, 0.05], 1, 2), 0.25);
});

await test("what is too dear is saved for, but in the last round, which takes what it can pay", () => {
  // b promises .5 for 1.25, c, which the cheap tier knows, .36 for 1: .4 against .36 a unit.
  const sure = stated({ a: [2, 0], b: [1, 0], c: [1, 0] });
  const rest = stated({ a: [0, 0], b: [0, 0.5], c: [0, 0.36] });
  const known = { depthOf: new Map([[mixtureKey(c), 1]]), purse: 1, mostTrials: 9 };
  assert.deepEqual(buyByCost(offer(sure, rest, known)), []);
  assert.deepEqual(buyByCost(offer(sure, rest, { ...known, dearOnly: true })), [{ mixture: c, depth: 0 }]);
});

await test("of what is predicted to be best without doubt no trial is bought, but in the last round", () => {
  const cheap = stated({ a: [2, 0], b: [0.5, 0], c: [1, 0] });
  assert.deepEqual(buyByCost(offer(cheap, flat(0))), []);
  assert.deepEqual(buyByCost(offer(cheap, flat(0), { dearOnly: true })), [{ mixture: b, depth: 0 }]);
  assert.deepEqual(buyByCost(offer(cheap, flat(0), { candidates: [] })), []);
});

function neverB(rows: Float64Array): Float64Array {
  return Float64Array.from({ length: rows.length / 2 }, (_, row) => (rows[2 * row] === 0.5 ? 0 : 1));
}

await test("a probability of 0 forbids", () => {
  const cheap = stated({ a: [2, 0], b: [1, 0.3], c: [1, 0.05] });
  assert.deepEqual(buyByCost(offer(cheap, flat(0.4), { probability: neverB })), [{ mixture: c, depth: 0 }]);
});
