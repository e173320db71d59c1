import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";

await test("xoshiro128** 1.1 gives the reference vector from state (1, 2, 3, 4)", () => {
  // rand_xoshiro's test vector; the authors' C, compiled with gcc, prints the same:
  //   uint32_t r = rotl(s[1] * 5, 7) * 9, t = s[1] << 9; s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3];
  //   s[2] ^= t; s[3] = rotl(s[3], 11); printf("%u ", r);
  const expected = [
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ];
  const random = Random.fromState(1, 2, 3, 4);
  assert.deepEqual(
    expected.map(() => random.uint32()),
    expected,
  );
});

await test("the same seed gives the same numbers, another seed others", () => {
  const [first, again, asText, other] = [42, 42, "42", 43].map((seed) => {
    const random = new Random(seed);
    return [random.uint32(), random.uint32(), random.uniform(), random.normal()];
  });
  assert.deepEqual(first, again);
  assert.deepEqual(first, asText);
  assert.notDeepEqual(first, other);
});

await test("a fork depends on seed and name only, not on what was drawn", () => {
  const parent = new Random(7);
  const before = parent.fork("pool").uint32();
  parent.normal();
  assert.equal(parent.fork("pool").uint32(), before);
  assert.notEqual(parent.fork("order").uint32(), before);
  assert.notEqual(new Random(8).fork("pool").uint32(), before);
  assert.equal(parent.fork("a").fork("b").uint32(), parent.fork("a/b").uint32());
});

await test("forks are uncorrelated with each other and with their parent", () => {
  const draws = 20_000;
  const streams = [new Random(1), new Random(1).fork(0), new Random(1).fork(1), new Random(2)];
  const columns = streams.map((stream) => Array.from({ length: draws }, () => stream.uniform() - 0.5));
  for (let i = 0; i < columns.length; i++) {
    for (let j = 0; j < i; j++) {
      const covariance = columns[i]!.reduce((sum, x, d) => sum + x * columns[j]![d]!, 0) / draws;
      // Uniform variance 1/12; five standard errors.
      assert.ok(Math.abs(covariance * 12) < 5 / Math.sqrt(draws), `streams ${i}, ${j}: ${covariance * 12}`);
    }
  }
});

await test("uniform and below stay in range and fill it evenly", () => {
  const random = new Random(3);
  const counts = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 50_000; i++) {
    const u = random.uniform();
    assert.ok(u >= 0 && u < 1);
    counts[random.below(10)]!++;
  }
  const chiSquared = counts.reduce((sum, count) => sum + (count - 5000) ** 2 / 5000, 0);
  // scipy.stats.chi2.ppf(0.9999, 9) = 33.72
  assert.ok(chiSquared < 33.72, String(chiSquared));
});

await test("normal has the moments of a standard normal", () => {
  const random = new Random(4);
  const draws = Array.from({ length: 100_000 }, () => random.normal());
  const moment = (power: number) => draws.reduce((sum, x) => sum + x ** power, 0) / draws.length;
  assert.ok(Math.abs(moment(1)) < 0.015);
  assert.ok(Math.abs(moment(2) - 1) < 0.025);
  assert.ok(Math.abs(moment(3)) < 0.06);
  assert.ok(Math.abs(moment(4) - 3) < 0.2);
});

await test("logGamma has the mean and variance of log Gamma(shape, 1)", () => {
  // from scipy.special import digamma, polygamma
  // for a in [0.01, 0.5, 1, 4.2]: print(a, digamma(a), polygamma(1, a))
  const moments = [
    [0.01, -100.56088545786868, 10001.621213528311],
    [0.5, -1.9635100260214235, 4.93480220054468],
    [1, -0.5772156649015329, 1.6449340668482266],
    [4.2, 1.3113388912865998, 0.2686649407314008],
  ] as const;
  for (const [shape, mean, variance] of moments) {
    const random = new Random(`gamma ${shape}`);
    const draws = Array.from({ length: 50_000 }, () => random.logGamma(shape));
    const drawnMean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const drawnVariance = draws.reduce((sum, x) => sum + (x - drawnMean) ** 2, 0) / draws.length;
    const standardError = Math.sqrt(variance / draws.length);
    assert.ok(Math.abs(drawnMean - mean) < 5 * standardError, `shape ${shape}: mean ${drawnMean}`);
    assert.ok(Math.abs(drawnVariance / variance - 1) < 0.08, `shape ${shape}: variance ${drawnVariance}`);
  }
});

await test("shuffle keeps the items and gives every order alike", () => {
  const random = new Random(5);
  const seen = new Map<string, number>();
  for (let i = 0; i < 12_000; i++) {
    const order = random.shuffle(["a", "b", "c"]).join("");
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  assert.equal(seen.size, 6);
  for (const [order, count] of seen) assert.ok(Math.abs(count - 2000) < 200, `${order}: ${count}`);
  assert.deepEqual(random.shuffle(Uint32Array.from({ length: 100 }, (_, i) => i)).toSorted()[99], 99);
});

await test("sampleWithoutReplacement picks distinct integers, each alike", () => {
  const random = new Random(6);
  const counts = Array.from({ length: 8 }, () => 0);
  for (let i = 0; i < 8000; i++) {
    const picked = random.sampleWithoutReplacement(8, 3);
    assert.equal(new Set(picked).size, 3);
    for (const item of picked) counts[item]!++;
  }
  for (const count of counts) assert.ok(Math.abs(count - 3000) < 220, String(count));
  assert.deepEqual(
    random.sampleWithoutReplacement(20, 20).sort((a, b) => a - b),
    [...Array(20).keys()],
  );
  assert.throws(() => random.sampleWithoutReplacement(3, 4), /count=4 should be <= bound=3/);
});
