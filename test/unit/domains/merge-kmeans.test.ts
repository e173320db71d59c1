import assert from "node:assert/strict";
import test from "node:test";
import { ConfigError } from "../../../pipeline/core/errors.ts";
import { mergeKmeans } from "../../../pipeline/domains/merge-kmeans.ts";
import { Random } from "../../../pipeline/math/random.ts";

function line(points: readonly number[], tokens = points.map(() => 1)) {
  return { ids: [...points.keys()], centroids: Float32Array.from(points), dimension: 1, tokens };
}

await test("three far pairs are three domains, whatever the seed (by hand)", () => {
  const kept = line([0, 100, 201, 1, 101, 200], [1, 2, 3, 1, 2, 3]);
  for (let seed = 0; seed < 20; seed++) {
    assert.deepEqual(
      mergeKmeans(kept, { domains: 3, minDomainShare: 0, maxDomainShare: 1 }, new Random(seed)),
      [
        [2, 5],
        [1, 4],
        [0, 3],
      ],
    );
  }
});

/**
 * scipy 1.17.1, `kmeans2(x, x[init], minit="matrix")` of x = [0, 1, 2, 3, 4, 5, 10]: inertia 17.5 from init [0, 6],
 * 22.5 from [3, 5] and 25.667 from [0, 1].
 */
await test("reaches a local optimum of k-means", () => {
  const kept = line([0, 1, 2, 3, 4, 5, 10]);
  const optima = new Set(["[[0,1,2,3,4,5],[6]]", "[[0,1,2,3,4],[5,6]]", "[[0,1,2,3],[4,5,6]]"]);
  for (let seed = 0; seed < 20; seed++) {
    const groups = mergeKmeans(kept, { domains: 2, minDomainShare: 0, maxDomainShare: 1 }, new Random(seed));
    assert.ok(optima.has(JSON.stringify(groups)), JSON.stringify(groups));
  }
});

await test("a domain above the cap is split in two", () => {
  const kept = line([0, 1, 50, 51], [45, 45, 5, 5]);
  assert.deepEqual(mergeKmeans(kept, { domains: 2, minDomainShare: 0, maxDomainShare: 0.5 }, new Random(1)), [
    [0],
    [1],
    [2, 3],
  ]);
});

await test("equal centroids are split too, and one cluster above the cap stays", () => {
  const kept = line([7, 7, 7, 7], [40, 20, 20, 20]);
  // 60 and 40 tokens after the first halving, so the larger half is split once more.
  assert.deepEqual(mergeKmeans(kept, { domains: 2, minDomainShare: 0, maxDomainShare: 0.5 }, new Random(1)), [
    [0],
    [2, 3],
    [1],
  ]);
  assert.deepEqual(
    mergeKmeans(line([1, 2], [99, 1]), { domains: 1, minDomainShare: 0, maxDomainShare: 0.5 }, new Random(1)),
    [[0], [1]],
  );
});

function merge(points: readonly number[], domains: number | null): number[][] {
  return mergeKmeans(line(points), { domains, minDomainShare: 0, maxDomainShare: 1 }, new Random(1));
}

await test("fewer clusters than domains; none at all; no number of domains", () => {
  assert.deepEqual(merge([3, 1], 20), [[0], [1]]);
  assert.deepEqual(merge([3], 20), [[0]]);
  assert.deepEqual(merge([], 20), []);
  assert.throws(() => merge([1], null), ConfigError);
});
