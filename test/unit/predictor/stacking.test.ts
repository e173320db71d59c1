import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { type StackOptions, stackShares, weighGood } from "../../../pipeline/predictor/stacking.ts";

const even = (rows: number) => new Float64Array(rows).fill(1);

function assertShares(
  errors: readonly (readonly number[])[],
  options: Partial<StackOptions>,
  expected: readonly number[],
): void {
  const rows = errors[0]!.length;
  const targets = Float64Array.from({ length: rows }, (_, row) => row);
  const shares = stackShares(
    errors.map((ofModel) => targets.map((value, row) => value + ofModel[row]!)),
    targets,
    { least: errors.map(() => 0), rowWeights: even(rows), ridge: 0, ...options },
  );
  shares.forEach((share, i) =>
    assert.ok(
      Math.abs(share - expected[i]!) < 1e-6,
      `[${shares.join(", ")}] should be [${expected.join(", ")}]`,
    ),
  );
}

await test("shares by hand", () => {
  // Errors that have nothing to do with one another: mean squares 1 and 3 make 3/4 and 1/4.
  const [one, three] = [
    [1, 1, 1, 1],
    [Math.sqrt(6), -Math.sqrt(6), 0, 0],
  ] as const;
  assertShares([one, three], {}, [3 / 4, 1 / 4]);
  // Opposite errors cancel; a model that errs as another does, but more, gets nothing.
  assertShares([one, one.map((value) => -value)], {}, [1 / 2, 1 / 2]);
  assertShares([one, one.map((value) => 2 * value)], {}, [1, 0]);
  // ... or its least, and the others the rest.
  assertShares([one.map((value) => 2 * value), one], { least: [0.2, 0] }, [0.2, 0.8]);
  // The ridge, 1 times the best mean square: squares of 2 and 4 as it were.
  assertShares([one, three], { ridge: 1 }, [2 / 3, 1 / 3]);
  // A row that does not count.
  assertShares(
    [
      [1, 0, 9],
      [0, 1, 0],
    ],
    { rowWeights: Float64Array.of(1, 1, 0) },
    [1 / 2, 1 / 2],
  );
});

await test("models that are all exact share alike", () => {
  assertShares(
    [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
    { ridge: 0.1 },
    [1 / 3, 1 / 3, 1 / 3],
  );
});

await test("no shares on a grid do better", () => {
  const random = new Random("stacking");
  const rows = 30;
  const targets = new Float64Array(rows).map(() => random.normal());
  const predictions = [0.3, 0.4, 0.8].map((noise) => targets.map((value) => value + noise * random.normal()));
  const rowWeights = targets.map(() => random.uniform());
  const squares = (shares: readonly number[]) =>
    targets.reduce((sum, value, row) => {
      const mixed = shares.reduce((total, share, i) => total + share * predictions[i]![row]!, 0);
      return sum + rowWeights[row]! * (mixed - value) ** 2;
    }, 0);
  const found = stackShares(predictions, targets, { least: [0, 0, 0.1], rowWeights, ridge: 0 });
  assert.ok(Math.abs(found.reduce((sum, share) => sum + share, 0) - 1) < 1e-12 && found[2]! > 0.1 - 1e-12);
  const lowest = squares(found);
  for (let third = 0.1; third <= 1; third += 0.01) {
    for (let second = 0; second <= 1 - third; second += 0.01) {
      assert.ok(squares([1 - second - third, second, third]) >= lowest - 1e-6);
    }
  }
});

await test("weights of rows by hand: all of what is no worse than the median, half a deviation above it", () => {
  const unit = 1 / 0.6745;
  const weights = weighGood(Float64Array.of(-9, -1, 0, 1, unit));
  [1, 1, 1, 1 / (1 + 0.6745 ** 2), 1 / 2].forEach((expected, i) =>
    assert.ok(Math.abs(weights[i]! - expected) < 1e-12, `${weights[i]} should be ${expected}`),
  );
  assert.deepEqual([...weighGood(Float64Array.of(2, 2, 2))], [1, 1, 1]);
});
