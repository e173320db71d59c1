import assert from "node:assert/strict";
import test from "node:test";
import { agnes } from "ml-hclust";
import { linkDomains } from "../../../pipeline/domains/link-domains.ts";
import { mergeWard } from "../../../pipeline/domains/merge-ward.ts";
import { type DendrogramNode, weightedWard } from "../../../pipeline/domains/weighted-ward.ts";
import { Random } from "../../../pipeline/math/random.ts";

await test("three points on a line, the heavy one merges last (by hand)", () => {
  // Mean weight 2, so weights 0.5, 0.5 and 2. 0 and 1: sqrt(2 * .25 / 1) * 1 = 0.707; 2 is 1 from 1, but sqrt(2 * 1 / 2.5)
  // = 0.894. Then sqrt(2 * 1 * 2 / 3) * 1.5 = 1.732.
  const tree = weightedWard([[0], [1], [2]], [1, 1, 4]);
  assert(Math.abs(tree.height - Math.sqrt(3)) < 1e-12);
  assert.deepEqual(tree.children[0]!.indices(), [0, 1]);
  assert(Math.abs(tree.children[0]!.height - Math.SQRT1_2) < 1e-12);
});

function merges(node: DendrogramNode): { height: number; members: string }[] {
  if (node.children.length === 0) return [];
  const members = node
    .indices()
    .sort((left, right) => left - right)
    .join(" ");
  return [...node.children.flatMap((child) => merges(child)), { height: node.height, members }];
}

function byHeight(tree: DendrogramNode): { height: number; members: string }[] {
  return merges(tree).sort((a, b) => a.height - b.height);
}

await test("equal weights give the tree of ml-hclust, which is scipy's", () => {
  const random = new Random("ward");
  const points = Array.from({ length: 40 }, () => Array.from({ length: 5 }, () => random.normal()));
  const found = byHeight(
    weightedWard(
      points,
      points.map(() => 3),
    ),
  );
  const expected = byHeight(agnes(points, { method: "ward2" }));
  assert.deepEqual(
    found.map(({ members }) => members),
    expected.map(({ members }) => members),
  );
  found.forEach(({ height }, i) => assert(Math.abs(height - expected[i]!.height) < 1e-9));
});

/**
 * A weight of w is w copies of the point. scipy 1.10.1, x as in merge-ward.test.ts:
 *
 *     w = [1 + (i * 7) % 4 for i in range(24)]
 *     z = linkage(np.repeat(x, w, axis=0), method="ward")
 *     z[-3:, 2] / np.sqrt(np.mean(w))     # 1.14828381 1.55830083 2.15010974
 *     fcluster(z, 5, criterion="maxclust")
 */
await test("the same as scipy's with as many copies as the weight says", () => {
  const centroids = Float32Array.from({ length: 72 }, (_, at) => {
    const [i, j] = [Math.floor(at / 3), at % 3];
    return ((37 * i * i + 61 * j + 7 * i * j * j + 11 * i * i * i) % 101) / 101;
  });
  const tokens = Array.from({ length: 24 }, (_, i) => 1 + ((i * 7) % 4));
  const points = tokens.map((_, i) => [...centroids.subarray(3 * i, 3 * i + 3)]);
  const heights = merges(weightedWard(points, tokens))
    .map(({ height }) => height)
    .sort((a, b) => a - b);
  [1.14828381, 1.55830083, 2.15010974].forEach((height, i) =>
    assert(Math.abs(heights[20 + i]! - height) < 1e-7, `${heights[20 + i]}`),
  );
  const kept = { ids: [...tokens.keys()], centroids, dimension: 3, tokens };
  const limits = { domains: 5, distance: null, minDomainShare: 0, maxDomainShare: 1 };
  const groups = mergeWard(kept, { ...limits, method: "ward-tokens" });
  assert.deepEqual(
    groups.sort((a, b) => a[0]! - b[0]!),
    [
      [0, 13, 15],
      [1, 7, 8, 9, 11, 14, 19],
      [2, 3, 21],
      [4, 5, 6, 10, 12, 16, 17, 18, 20],
      [22, 23],
    ],
  );
});

await test("the domains' dendrogram is written as scipy writes it", () => {
  // scipy's linkage([[0], [1], [10], [12]], "ward"): [0, 1, 1], [2, 3, 2], [4, 5, 14.8492424]
  const [first, second, last] = linkDomains([[0], [1], [10], [12]]);
  assert.deepEqual(
    [first, second],
    [
      { left: 0, right: 1, height: 1 },
      { left: 2, right: 3, height: 2 },
    ],
  );
  assert.deepEqual([last!.left, last!.right], [4, 5]);
  assert(Math.abs(last!.height - 14.8492424) < 1e-6);
  assert.deepEqual(linkDomains([[1]]), []);
});
