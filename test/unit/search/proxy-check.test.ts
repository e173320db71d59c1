import assert from "node:assert/strict";
import test from "node:test";
import { checkProxy } from "../../../pipeline/search/proxy-check.ts";

const base = { use: "search", proxy: "p", unit: "bits per byte", bigram: null } as const;

await test("worked by hand: what all mixtures of a seed share is no noise", () => {
  // Means 1.05, 2.05, 3.05; the second seed adds .1 to all, and .02 more or less to the outer ones.
  const objective = [
    [1, 1.1 + 0.02],
    [2, 2.1],
    [3, 3.1 - 0.02],
  ];
  const { seedDeviation, spread, warnings, mixtures, seeds } = checkProxy({ ...base, objective });
  // Residuals: -.01, .01; 0, 0; .01, -.01: squares sum to 4e-4, degrees of freedom 2 * 1.
  assert.ok(Math.abs(seedDeviation - Math.sqrt(2e-4)) < 1e-12, `${seedDeviation}`);
  // Means 1.06, 2.05, 3.04 have variance .9801, less 2e-4 / 2.
  assert.ok(Math.abs(spread - Math.sqrt(0.9801 - 1e-4)) < 1e-9, `${spread}`);
  assert.deepEqual({ mixtures, seeds, warnings }, { mixtures: 3, seeds: 2, warnings: [] });
});

await test("noise that swamps the spread, and losing to bigrams, are warnings with the remedy", () => {
  const objective = [
    [1, 1.2],
    [1.1, 1.05],
  ];
  const { warnings } = checkProxy({
    ...base,
    objective,
    others: [1, 1.1, 1.2],
    bigram: { proxyBitsPerByte: 2.6, bigramBitsPerByte: 2.5 },
  });
  assert.equal(warnings.length, 2);
  assert.match(
    warnings[0]!,
    /two seeds of the search proxy differ by 0\.1250 .* mixtures differ by 0\.0000: train longer/,
  );
  assert.match(
    warnings[1]!,
    /search proxy \(2\.6000 .*does not beat a bigram model .*\(2\.5000\): train longer/,
  );
  assert.throws(() => checkProxy({ ...base, objective: [[1, 2]] }), /mixtures=1 and seeds=2/);
});
