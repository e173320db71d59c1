import assert from "node:assert/strict";
import test from "node:test";
import { imbalance, partitionAgreement } from "../../../pipeline/math/partition.ts";

/**
 * scikit-learn:
 *
 *     a = [0, 0, 0, 1, 1, 1, 2, 2, 2, 2]; b = ["x", "x", "y", "y", "y", "y", "z", "z", "z", "x"]
 *     normalized_mutual_info_score(b, a), adjusted_rand_score(b, a)    # 0.6180656462921542 0.4318181818181818
 */
await test("purity by hand, NMI and ARI as scikit-learn's", () => {
  const groups = [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, -1, 0];
  const classes = [7, 7, 8, 8, 8, 8, 9, 9, 9, 7, 7, -1];
  const { purity, nmi, ari } = partitionAgreement(groups, classes);
  assert.equal(purity, (2 + 3 + 3) / 10);
  assert(Math.abs(nmi - 0.6180656462921542) < 1e-12);
  assert(Math.abs(ari - 0.4318181818181818) < 1e-12);
});

await test("equal partitions agree wholly, whatever the names; one group says nothing", () => {
  assert.deepEqual(partitionAgreement([0, 0, 1], [5, 5, 3]), { purity: 1, nmi: 1, ari: 1 });
  const alone = partitionAgreement([0, 0, 0, 0], [0, 0, 1, 1]);
  assert.deepEqual(alone, { purity: 0.5, nmi: 0, ari: 0 });
  assert.throws(() => partitionAgreement([-1], [0]), RangeError);
  assert.throws(() => partitionAgreement([0], [0, 1]), RangeError);
});

await test("imbalance is 1 for equal sizes and the number of groups when one has all", () => {
  assert.equal(imbalance([5, 5, 5]), 1);
  assert.equal(imbalance([9, 0, 0]), 3);
});
