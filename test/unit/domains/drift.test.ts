import assert from "node:assert/strict";
import test from "node:test";
import { countByQuantile, distanceQuantiles, shareBeyond } from "../../../pipeline/domains/distance-bins.ts";
import { judgeDrift } from "../../../pipeline/domains/drift.ts";
import { addTallies, tallyParts } from "../../../pipeline/domains/tally.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { kolmogorovSmirnov, stabilityIndex, totalVariation } from "../../../pipeline/math/share-shift.ts";
import type { Tally } from "../../../pipeline/schema/cluster-model.ts";

await test("distances of shares, worked by hand", () => {
  assert.equal(totalVariation([0.5, 0.5], [0.25, 0.75]), 0.25);
  // 0.25 ln 2 + 0.25 ln 1.5 = 0.25 ln 3
  assert(Math.abs(stabilityIndex([0.5, 0.5], [0.25, 0.75], 1e-9) - 0.25 * Math.log(3)) < 1e-12);
  assert(
    Math.abs(stabilityIndex([1, 0], [0.5, 0.5], 0.01) - (0.5 * Math.log(2) + 0.49 * Math.log(50))) < 1e-12,
  );
  assert.equal(kolmogorovSmirnov([1, 1, 2], [2, 1, 1]), 0.25);
  assert.throws(() => totalVariation([1], [0.5, 0.5]), RangeError);
});

await test("quantile bins hold the same number each, and what lies beyond is counted", () => {
  const distances = Float64Array.from({ length: 1001 }, (_, i) => i);
  const quantiles = distanceQuantiles([...distances, Number.NaN]);
  assert.deepEqual(quantiles, distances);
  const counts = countByQuantile(quantiles, distances);
  assert.equal(counts.length, 1002);
  assert.deepEqual(new Set(counts.subarray(0, 1001)), new Set([1]));
  assert.equal(counts[1001], 0);
  const farther = countByQuantile(quantiles, [-1, 0, 500.5, 990, 990.5, 5000, Number.NaN]);
  assert.deepEqual([farther[0], farther[501], farther[990], farther[991], farther[1001]], [2, 1, 1, 1, 1]);
  assert.equal(shareBeyond(farther, 0.99), 2 / 6);
  assert.equal(shareBeyond(farther, 0.5), 4 / 6);
});

await test("documents are counted under their domain, dropped clusters or outside", () => {
  const parts = { clusterDomain: [0, -1, 1], domains: 2, outsideDistance: 1 };
  const tallies = tallyParts(
    {
      clusters: [0, 0, 1, 2, 2, -1],
      distances: [0.5, Number.NaN, 0.5, 1, 1.5, 0],
      tokens: [2, 3, 4, 5, 6, 7],
    },
    parts,
  );
  assert.deepEqual(tallies, [
    { documents: 2, tokens: 5, squaredTokens: 13 },
    { documents: 1, tokens: 5, squaredTokens: 25 },
    { documents: 1, tokens: 4, squaredTokens: 16 },
    { documents: 1, tokens: 6, squaredTokens: 36 },
  ]);
  assert.deepEqual(addTallies([tallies, tallies])[0], { documents: 4, tokens: 10, squaredTokens: 26 });
});

/** Documents of 50..250 tokens, drawn from parts with these shares. */
function sample(shares: readonly number[], documents: number, random: Random): Tally[] {
  const tallies = shares.map(() => ({ documents: 0, tokens: 0, squaredTokens: 0 }));
  for (let i = 0; i < documents; i++) {
    let left = random.uniform();
    const part = Math.max(
      0,
      shares.findIndex((share) => (left -= share) < 0),
    );
    const tokens = 50 + random.below(200);
    tallies[part]!.documents++;
    tallies[part]!.tokens += tokens;
    tallies[part]!.squaredTokens += tokens ** 2;
  }
  return tallies;
}

const even = { trainingBins: [1, 1], bins: [1, 1], trainingMean: 1, mean: 1 };
const source = [0.4, 0.3, 0.2, 0.1];

await test("samples of one source are within noise in about 95 % of the cases", () => {
  let within = 0;
  for (let run = 0; run < 100; run++) {
    const random = new Random(`same/${run}`);
    const training = sample(source, 600, random);
    const drift = judgeDrift({ training, corpus: sample(source, 300, random), distances: even }, random);
    if (drift.verdict === "within noise") within++;
  }
  assert(within >= 88 && within <= 99, `${within} of 100`);
});

await test("a moved source is called so, and the interval of its distance covers the true one", () => {
  const moved = [0.2, 0.3, 0.2, 0.3];
  let covered = 0;
  for (let run = 0; run < 40; run++) {
    const random = new Random(`moved/${run}`);
    const drift = judgeDrift(
      { training: sample(source, 2000, random), corpus: sample(moved, 2000, random), distances: even },
      random,
    );
    // The index of the true shares is 0.2 ln 2 + 0.2 ln 3 = 0.358.
    assert.equal(drift.verdict, "large");
    const { low, high } = drift.tokens.totalVariationInterval;
    if (low <= 0.2 && high >= 0.2) covered++;
  }
  assert(covered >= 35, `${covered} of 40`);
});

await test("the verdict says its numbers and is the same for the same seed", () => {
  const training = sample(source, 1000, new Random("a"));
  const corpus = sample([0.3, 0.3, 0.2, 0.2], 1000, new Random("b"));
  const distances = { trainingBins: [5, 5], bins: [2, 8], trainingMean: 0.7, mean: 0.9 };
  const drift = judgeDrift({ training, corpus, distances }, new Random("c"));
  assert.deepEqual(drift, judgeDrift({ training, corpus, distances }, new Random("c")));
  assert.equal(drift.verdict, "slight");
  assert.equal(drift.distance.ks, 0.3);
  assert.match(drift.text, /^Slight drift: .* \d+\.\d % of the tokens .* chance alone makes up to \d/);
});
