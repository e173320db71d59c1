import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import {
  averageRanks,
  kendall,
  mean,
  pearson,
  populationDeviation,
  quantile,
  r2,
  rmse,
  spearman,
} from "../../../pipeline/math/stats.ts";

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} should be ${expected}`);

await test("three points by hand", () => {
  close(mean([1, 2, 6]), 3);
  close(populationDeviation([1, 2, 6]), Math.sqrt((4 + 1 + 9) / 3));
  close(quantile([6, 1, 2], 0.75), 4);
  assert.deepEqual([...averageRanks([5, 1, 5])], [2.5, 1, 2.5]);
  // Pairs (1,2) and (1,3) agree, (2,3) is turned round: (2 - 1) / 3.
  close(kendall([1, 2, 3], [1, 3, 2]), 1 / 3);
  // Rank differences 0, 1, 1: 1 - 6 * 2 / (3 * 8).
  close(spearman([1, 2, 3], [10, 30, 20]), 0.5);
  close(pearson([1, 2, 3], [2, 4, 6]), 1);
  close(rmse([1, 2], [1, 4]), Math.sqrt(2));
  close(r2([1, 3], [1, 2]), 1 - 1 / 2);
});

await test("eight points with ties equal numpy and scipy", () => {
  // python3, scipy 1.10.1:
  //   x = np.array([3., 1, 4, 1, 5, 9, 2, 6]); y = np.array([2., 7, 1, 8, 2, 8, 1, 8])
  //   x.mean(), x.std(), np.quantile(x, [.025, .3, .9]), stats.rankdata(x)
  //   stats.pearsonr(x, y)[0], stats.spearmanr(x, y)[0], stats.kendalltau(x, y)[0]
  //   1 - ((x - y) ** 2).sum() / ((x - x.mean()) ** 2).sum(), ((x - y) ** 2).mean() ** .5
  const x = [3, 1, 4, 1, 5, 9, 2, 6];
  const y = [2, 7, 1, 8, 2, 8, 1, 8];
  close(mean(x), 3.875);
  close(populationDeviation(x), 2.5708704751503917);
  [1, 2.1, 6.9].forEach((expected, i) => close(quantile(x, [0.025, 0.3, 0.9][i]!), expected));
  assert.deepEqual([...averageRanks(x)], [4, 1.5, 5, 1.5, 6, 8, 3, 7]);
  close(pearson(x, y), 0.20965531907301216);
  close(spearman(x, y), 0.19885368120992467);
  close(kendall(x, y), 0.16051447078102563);
  close(r2(x, y), -1.0803782505910164);
  close(rmse(x, y), 3.7080992435478315);
});

await test("a constant correlates with nothing, and explains nothing unless it is right", () => {
  assert.equal(pearson([1, 2, 3], [4, 4, 4]), 0);
  assert.equal(spearman([1, 2, 3], [4, 4, 4]), 0);
  assert.equal(kendall([4, 4, 4], [1, 2, 3]), 0);
  assert.equal(r2([4, 4], [4, 4]), 1);
  assert.equal(r2([4, 4], [4, 5]), 0);
});

await test("lengths and shares are checked", () => {
  assert.throws(() => mean([]), /values.length=0 should be >= 1/);
  assert.throws(() => quantile([1], 1.5), /share=1.5/);
  assert.throws(() => spearman([1, 2], [1]), /x.length=2 should equal y.length=1/);
});

await test("rank correlations ignore increasing maps, and turn their sign with the order", () => {
  const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 })), {
    minLength: 2,
    maxLength: 30,
  });
  fc.assert(
    fc.property(pairs, (list) => {
      const x = list.map(([left]) => left);
      const y = list.map(([, right]) => right);
      for (const correlation of [spearman, kendall]) {
        const value = correlation(x, y);
        assert.ok(value >= -1 && value <= 1);
        close(correlation(x.map(Math.exp), y), value);
        close(correlation(y, x), value);
        close(
          correlation(
            x,
            y.map((right) => -right),
          ),
          -value,
        );
      }
    }),
  );
});

await test("ranks sum to n (n + 1) / 2 whatever the ties", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 }), (values) => {
      const total = averageRanks(values).reduce((sum, rank) => sum + rank, 0);
      assert.equal(total, (values.length * (values.length + 1)) / 2);
    }),
  );
});
