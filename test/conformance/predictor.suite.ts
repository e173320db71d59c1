import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../pipeline/math/random.ts";
import { mean, populationDeviation, spearman } from "../../pipeline/math/stats.ts";
import { predictRows, type FitInput, type FitPredictor } from "../../pipeline/predictor/predictor.ts";
import { drawMixtures, lawLoss, measureLaw } from "../unit/predictor/synthetic.ts";

const domains = 6;
const unseen = drawMixtures(100, domains, new Random("unseen"));
const truth = Float64Array.from({ length: 100 }, (_, row) =>
  lawLoss(unseen.subarray(row * domains, (row + 1) * domains)),
);

function predictUnseen(fit: FitPredictor, input: FitInput): Float64Array {
  return predictRows(fit(input), unseen, domains);
}

function assertClose(actual: Float64Array, expected: Float64Array, tolerance: number): void {
  actual.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]!) <= tolerance, `${value} should be ${expected[i]}`),
  );
}

function reorder(input: FitInput, order: readonly number[]): FitInput {
  return {
    ...input,
    weights: Float64Array.from(
      order.flatMap((row) => [...input.weights.subarray(row * domains, (row + 1) * domains)]),
    ),
    targets: Float64Array.from(order, (row) => input.targets[row]!),
  };
}

/** What every predictor owes the search. */
export async function predictorSuite(name: string, fit: FitPredictor): Promise<void> {
  await test(`predictor ${name}`, async (t) => {
    const input = measureLaw({ rows: 64 });
    const predicted = predictUnseen(fit, input);

    await t.test("goes by its name and is deterministic", () => {
      assert.equal(fit(input).name, name);
      input.random.uniform();
      assert.deepEqual(predictUnseen(fit, input), predicted);
    });

    await t.test("orders unseen mixtures after 64 rows", () => {
      const order = spearman(truth, predicted);
      assert.ok(order > 0.9, `Spearman ${order}`);
    });

    await t.test("does not depend on the order of the rows", () => {
      const order = new Random("order").shuffle(Array.from({ length: 64 }, (_, row) => row));
      assertClose(predictUnseen(fit, reorder(input, order)), predicted, 1e-9);
    });

    await t.test("predicts in the unit of the targets, whatever their shift and scale", () => {
      for (const [shift, scale] of [
        [-100, 50],
        [3, 1e-3],
      ] as const) {
        const targets = input.targets.map((value) => shift + scale * value);
        const expected = predicted.map((value) => shift + scale * value);
        assertClose(predictUnseen(fit, { ...input, targets }), expected, 1e-4 * scale);
      }
    });

    await t.test("is not constant where losses differ by thousandths, nor after 8 or 16 rows", () => {
      for (const rows of [8, 16, 64]) {
        const few = measureLaw({ rows, noise: 0 });
        const unit = 1e-3 / populationDeviation(few.targets);
        const tiny = { ...few, targets: few.targets.map((value) => 1 + unit * (value - 2)) };
        const values = predictUnseen(fit, tiny);
        assert.ok(values.every(Number.isFinite));
        assert.ok(
          populationDeviation(values) > 1e-4,
          `deviation ${populationDeviation(values)} of ${rows} rows`,
        );
      }
    });

    await t.test("stays finite with equal losses, repeated mixtures and a single row", () => {
      const equal = { ...input, targets: input.targets.map(() => 1.25) };
      assertClose(predictUnseen(fit, equal), new Float64Array(100).fill(1.25), 1e-9);
      const repeated = { ...input, weights: new Float64Array(64 * domains).fill(1 / domains) };
      assert.ok(predictUnseen(fit, repeated).every(Number.isFinite));
      const single = measureLaw({ rows: 1, noise: 0 });
      assertClose(predictUnseen(fit, single), new Float64Array(100).fill(single.targets[0]!), 1e-9);
    });

    await t.test("predicts many as it predicts one, and leaves its input alone", () => {
      const before = { weights: input.weights.slice(), targets: input.targets.slice() };
      const predictor = fit(input);
      assert.deepEqual({ weights: input.weights, targets: input.targets }, before);
      for (let row = 0; row < 100; row++) {
        const one = predictor.predict(Array.from(unseen.subarray(row * domains, (row + 1) * domains)));
        assert.ok(Math.abs(one - predicted[row]!) < 1e-12);
      }
    });

    await t.test("states deviations of the same predictions and in the same unit", () => {
      const stated = fit(input).predictWithDeviation!(unseen, domains);
      assertClose(stated.mean, predicted, 1e-9);
      assert.ok(stated.deviation.every((value) => value >= 0) && Number.isFinite(stated.noise));
      // A power of two, so that nothing is rounded otherwise and no tree splits elsewhere.
      const scaledUp = { ...input, targets: input.targets.map((value) => 1024 * value) };
      const scaled = fit(scaledUp).predictWithDeviation!(unseen, domains);
      assertClose(
        scaled.deviation,
        stated.deviation.map((value) => 1024 * value),
        1e-3,
      );
    });

    await t.test("believes what it predicts: means stay, deviations shrink, most of all there", () => {
      const predictor = fit(input);
      const before = predictor.predictWithDeviation!(unseen, domains);
      const there = unseen.subarray(0, 2 * domains);
      const believing = predictor.believe!(there, domains);
      const after = believing.predictWithDeviation!(unseen, domains);
      assertClose(after.mean, before.mean, 1e-9);
      const ratio = after.deviation.map((value, i) => value / before.deviation[i]!);
      assert.ok(ratio.every((value) => value < 1 + 1e-6));
      assert.ok(ratio[0]! < 1 && ratio[1]! < 1, `${ratio[0]} and ${ratio[1]} of the deviations`);
      const oneByOne = predictor.believe!(there.subarray(0, domains), domains).believe!(
        there.subarray(domains),
        domains,
      );
      assertClose(oneByOne.predictWithDeviation!(unseen, domains).deviation, after.deviation, 1e-6);
    });

    await t.test("draws functions of its mean and deviation, the same from the same stream", () => {
      const predictor = fit(input);
      const { deviation } = predictor.predictWithDeviation!(unseen, domains);
      const draw = () => predictor.sample!(unseen, domains, 400, new Random("functions"));
      const draws = draw();
      assert.deepEqual(draw().slice(0, 2), draws.slice(0, 2));
      for (const row of [0, 1, 2]) {
        const values = Float64Array.from(draws, (drawn) => drawn[row]!);
        const standardError = deviation[row]! / Math.sqrt(400);
        assert.ok(Math.abs(mean(values) - predicted[row]!) < 5 * standardError + 1e-9);
        const ratio = populationDeviation(values) / deviation[row]!;
        assert.ok(ratio > 0.6 && ratio < 1.25, `${ratio}`);
      }
    });
  });
}
