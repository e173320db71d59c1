import assert from "node:assert/strict";
import test from "node:test";
import { ConfigError } from "../../../pipeline/core/errors.ts";
import { mergeWard } from "../../../pipeline/domains/merge-ward.ts";

const uncapped = { distance: null, minDomainShare: 0, maxDomainShare: 1 };

function line(points: readonly number[], tokens = points.map(() => 1)) {
  return { ids: [...points.keys()], centroids: Float32Array.from(points), dimension: 1, tokens };
}

await test("points on a line (by hand)", () => {
  // Heights: 1 (0 and 1), 2 (10 and 12), then sqrt(2 * 2 * 2 / 4) * (11 - 0.5) = 14.85.
  const kept = line([0, 1, 10, 12]);
  assert.deepEqual(mergeWard(kept, { ...uncapped, domains: 2 }), [
    [0, 1],
    [2, 3],
  ]);
  assert.deepEqual(mergeWard(kept, { ...uncapped, domains: 3 }), [[0, 1], [2], [3]]);
  const at = (distance: number) =>
    mergeWard(kept, { domains: null, distance, minDomainShare: 0, maxDomainShare: 1 }).length;
  assert.deepEqual([0.5, 1, 1.9, 2, 14.84, 14.85].map(at), [4, 3, 3, 2, 2, 1]);
});

function byLowest(groups: number[][]): number[][] {
  return groups.sort((left, right) => left[0]! - right[0]!);
}

/**
 * scipy 1.17.1:
 *
 *     n, d = 24, 3
 *     x = np.array([[((37*i*i + 61*j + 7*i*j*j + 11*i*i*i) % 101) / 101 for j in range(d)] for i in range(n)],
 *                  dtype=np.float32).astype(float)
 *     z = linkage(x, method="ward")
 *     z[:, 2]                                    # ... 0.754802, 0.81153, 0.965554, 1.084592, 1.348522, 2.200979
 *     fcluster(z, t=1.0, criterion="distance")
 *     fcluster(z, t=5, criterion="maxclust")
 */
await test("the same clusters as scipy's linkage and fcluster", () => {
  const n = 24;
  const d = 3;
  const centroids = Float32Array.from({ length: n * d }, (_, at) => {
    const [i, j] = [Math.floor(at / d), at % d];
    return ((37 * i * i + 61 * j + 7 * i * j * j + 11 * i * i * i) % 101) / 101;
  });
  const ids = Array.from({ length: n }, (_, i) => i);
  const kept = { ids, centroids, dimension: d, tokens: ids.map(() => 1) };
  assert.deepEqual(
    byLowest(mergeWard(kept, { domains: null, distance: 1, minDomainShare: 0, maxDomainShare: 1 })),
    [
      [0, 2, 3, 13, 15, 21],
      [1, 7, 8, 9, 11, 14, 19],
      [4, 5, 6, 10, 12, 16, 17, 18, 20],
      [22, 23],
    ],
  );
  // The recipe's t=1.5: scipy 1.10.1 and 1.17.1.
  assert.deepEqual(byLowest(mergeWard(kept, { ...uncapped, domains: null, distance: 1.5 })), [
    [0, 1, 2, 3, 7, 8, 9, 11, 13, 14, 15, 19, 21],
    [4, 5, 6, 10, 12, 16, 17, 18, 20, 22, 23],
  ]);
  assert.deepEqual(byLowest(mergeWard(kept, { ...uncapped, domains: 5 })), [
    [0, 13, 15],
    [1, 7, 8, 9, 11, 14, 19],
    [2, 3, 21],
    [4, 5, 6, 10, 12, 16, 17, 18, 20],
    [22, 23],
  ]);
  // Each merge happens exactly at scipy's height.
  const heights = [0.754802, 0.81153, 0.965554, 1.084592, 1.348522, 2.200979];
  for (const [i, height] of heights.entries()) {
    const above = heights.length - i;
    const count = (distance: number) =>
      mergeWard(kept, { domains: null, distance, minDomainShare: 0, maxDomainShare: 1 }).length;
    assert.deepEqual([count(height - 1e-6), count(height + 1e-6)], [above + 1, above]);
  }
});

await test("a domain above the cap is split before the higher ones", () => {
  // {0,1} holds 90 of 100 tokens. Without the cap two domains would be {0,1} and {2,3,4}.
  const kept = line([0, 1, 10, 14, 20], [45, 45, 4, 3, 3]);
  assert.deepEqual(mergeWard(kept, { ...uncapped, domains: 3 }), [[0, 1], [2, 3], [4]]);
  assert.deepEqual(mergeWard(kept, { distance: null, domains: 3, minDomainShare: 0, maxDomainShare: 0.5 }), [
    [0],
    [1],
    [2, 3, 4],
  ]);
  // The cap needs three domains where two were asked for; a single cluster above it stays.
  assert.equal(
    mergeWard(kept, { distance: null, domains: 2, minDomainShare: 0, maxDomainShare: 0.5 }).length,
    3,
  );
  assert.deepEqual(
    mergeWard(line([0, 5], [99, 1]), { distance: null, domains: 2, minDomainShare: 0, maxDomainShare: 0.5 }),
    [[0], [1]],
  );
  const cut = mergeWard(kept, { domains: null, distance: 100, minDomainShare: 0, maxDomainShare: 0.5 });
  assert.deepEqual(cut, [[0], [1], [2, 3, 4]]);
});

await test("only kept clusters are merged, under their own ids, largest domain first", () => {
  const kept = {
    ids: [1, 3, 4],
    centroids: Float32Array.of(9, 0, 9, 50, 1),
    dimension: 1,
    tokens: [5, 20, 6],
  };
  assert.deepEqual(mergeWard(kept, { ...uncapped, domains: 2 }), [[3], [1, 4]]);
});

await test("fewer clusters than domains give that many domains", () => {
  assert.deepEqual(mergeWard(line([3, 1]), { ...uncapped, domains: 20 }), [[0], [1]]);
  assert.deepEqual(mergeWard(line([3]), { ...uncapped, domains: 20 }), [[0]]);
  assert.deepEqual(mergeWard(line([]), { ...uncapped, domains: 20 }), []);
});

await test("neither domains nor distance is a config error", () => {
  assert.throws(() => mergeWard(line([1]), { ...uncapped, domains: null }), ConfigError);
});

await test("outliers do not count as domains and join the nearest one", () => {
  // Two groups and, far off, two lone clusters of one token each: three domains of 5 % or more cannot be had.
  const kept = line([0, 1, 10, 11, 100, 200], [40, 10, 30, 18, 1, 1]);
  const limits = { distance: null, minDomainShare: 0.05, maxDomainShare: 1 };
  assert.deepEqual(mergeWard(kept, { ...limits, domains: 2 }), [
    [0, 1],
    [2, 3, 4, 5],
  ]);
  // The third is found where a part can be split into one large enough: 40 | 10 | the rest.
  assert.deepEqual(mergeWard(kept, { ...limits, domains: 3 }), [[2, 3, 4, 5], [0], [1]]);
  assert.deepEqual(mergeWard(kept, { ...limits, minDomainShare: 0, domains: 3 }), [[0, 1, 2, 3], [4], [5]]);
});
