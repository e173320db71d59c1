import assert from "node:assert/strict";
import test from "node:test";
import {
  bootstrapObjective,
  percentileInterval,
  ratioBootstrap,
  resampleIndices,
} from "../../../pipeline/math/bootstrap.ts";
import { Random } from "../../../pipeline/math/random.ts";

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} should be ${expected}`);

// Twenty made-up documents of unlike difficulty and size, under two mixtures.
const documents = Array.from({ length: 20 }, (_, d) => d);
const nats = documents.map((d) => 50 + ((d * 37) % 23) * 9);
const otherNats = documents.map((d) => nats[d]! - 5 + ((d * 11) % 7));
const bytes = documents.map((d) => 30 + ((d * 53) % 19) * 8);

const toBits = (values: readonly number[]) => values.map((value) => value / Math.LN2);

await test("two documents by hand: both twice, or one of each", () => {
  // Ratios 1 / 1 and 5 / 1, or 6 / 2 for half of the resamples.
  const { ratio, low, high } = ratioBootstrap([1, 5], [1, 1], 1000, new Random("hand"));
  assert.deepEqual([ratio, low, high], [3, 1, 5]);
  assert.deepEqual(percentileInterval([0, 1, 2, 3, 4], 0.5), { low: 1, high: 3 });
});

await test("intervals equal scipy's within the noise of resampling", () => {
  // python3, scipy 1.10.1; d = np.arange(20); nats = 50 + (d * 37 % 23) * 9.; other = nats - 5 + (d * 11 % 7)
  // size = 30 + (d * 53 % 19) * 8.; both with paired=True, method="percentile", n_resamples=400000, random_state=0:
  //   bootstrap((nats, size), lambda n, s, axis=-1: n.sum(axis) / s.sum(axis))
  //   bootstrap((nats, other, size), lambda n, m, s, axis=-1: (m.sum(axis) - n.sum(axis)) / s.sum(axis) / np.log(2))
  const single = ratioBootstrap(nats, bytes, 20_000, new Random("scipy"));
  near(single.ratio, 1.5233739837398375, 1e-12);
  near(single.low, 1.1176215277777777, 0.015);
  near(single.high, 2.066706730769231, 0.015);

  const target = { weight: 1, documentLosses: [toBits(nats), toBits(otherNats)], documentSizes: bytes };
  const pair = bootstrapObjective([target], 20_000, new Random("scipy"));
  near(pair.objective[0]!, 1.5233739837398375 / Math.LN2, 1e-12);
  const [self, other] = pair.differencesTo(0);
  assert.deepEqual(self, { difference: 0, low: 0, high: 0 });
  near(other!.difference, -0.02932306993676755, 1e-12);
  near(other!.low, -0.048259165100158985, 6e-4);
  near(other!.high, -0.014915080309942291, 6e-4);
});

await test("targets count by their normalised weights and are resampled on their own", () => {
  const constant = { documentLosses: [[2, 2, 2]], documentSizes: [1, 1, 1] };
  const varying = { documentLosses: [toBits(nats)], documentSizes: bytes };
  const both = bootstrapObjective(
    [
      { weight: 3, ...constant },
      { weight: 1, ...varying },
    ],
    500,
    new Random("targets"),
  );
  const alone = ratioBootstrap(nats, bytes, 500, new Random("targets").fork("target/1"));
  const bits = 0.75 * 2 + (0.25 * alone.ratio) / Math.LN2;
  near(both.objective[0]!, bits, 1e-12);
  near(both.intervals[0]!.low, bits + (0.25 * (alone.low - alone.ratio)) / Math.LN2, 1e-12);
  near(both.intervals[0]!.high, bits + (0.25 * (alone.high - alone.ratio)) / Math.LN2, 1e-12);
});

await test("pairing shows a small gain that unpaired intervals hide", () => {
  const better = nats.map((value) => value * 0.99);
  const target = { weight: 1, documentLosses: [nats, better], documentSizes: bytes };
  const { intervals, differencesTo } = bootstrapObjective([target], 1000, new Random("paired"));
  assert.ok(intervals[1]!.high > intervals[0]!.low);
  assert.ok(differencesTo(0)[1]!.high < 0);
});

await test("the same seed gives the same interval, and covers what it should", () => {
  const first = ratioBootstrap(nats, bytes, 200, new Random(5));
  assert.deepEqual(ratioBootstrap(nats, bytes, 200, new Random(5)), first);

  // True ratio 1; 40 documents, 95 % nominal: 150 samples cover 143 +- 3 times, a little less for few documents.
  let covered = 0;
  for (let sample = 0; sample < 150; sample++) {
    const random = new Random("coverage").fork(sample);
    const sizes = Array.from({ length: 40 }, () => 1 + random.uniform());
    const values = sizes.map((size) => size + random.normal());
    const { low, high } = ratioBootstrap(values, sizes, 200, random);
    if (low <= 1 && high >= 1) covered++;
  }
  assert.ok(covered >= 132 && covered <= 150, `${covered} of 150`);
});

await test("indices are in range and use the whole range", () => {
  const indices = resampleIndices(1000, new Random("indices"));
  assert.equal(indices.length, 1000);
  assert.ok(indices.every((index) => index < 1000));
  // 1 - 1/e of the items are drawn at least once.
  near(new Set(indices).size, 632, 40);
});

await test("shapes, sizes and weights are checked", () => {
  const random = new Random("checks");
  assert.throws(() => ratioBootstrap([], [], 10, random), /denominators.length=0/);
  assert.throws(() => ratioBootstrap([1], [1, 2], 10, random), /numerators.length=1/);
  assert.throws(() => ratioBootstrap([1, 1], [1, 0], 10, random), /denominators\[1\]=0 should be > 0/);
  assert.throws(() => bootstrapObjective([], 10, random), /sum of target weights=0/);
  const one = { weight: 1, documentLosses: [[1]], documentSizes: [1] };
  const two = { weight: 1, documentLosses: [[1], [1]], documentSizes: [1] };
  assert.throws(
    () => bootstrapObjective([one, two], 10, random),
    /targets\[1\].documentLosses.length=2 should equal 1/,
  );
});
