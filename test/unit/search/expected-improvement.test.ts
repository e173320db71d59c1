import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { fitObjective } from "../../../pipeline/predictor/objective.ts";
import { gp } from "../../../pipeline/predictor/gp.ts";
import { recipeGbdt } from "../../../pipeline/predictor/gbdt.ts";
import { expectedImprovement, pickByImprovement } from "../../../pipeline/search/expected-improvement.ts";
import { drawMixtures, measureLaw } from "../predictor/synthetic.ts";

await test("expected improvement by hand, and as scipy has it", () => {
  assert.equal(expectedImprovement(2, 1.5, 0), 0.5);
  assert.equal(expectedImprovement(2, 2.5, 0), 0);
  // gain 0: deviation * density(0).
  assert.ok(Math.abs(expectedImprovement(1, 1, 2) - 2 / Math.sqrt(2 * Math.PI)) < 1e-15);
  // scipy 1.10: z = .5; 0.25 * norm.cdf(.5) + 0.5 * norm.pdf(.5), and z = -8 likewise
  const { a, b } = { a: expectedImprovement(1, 0.75, 0.5), b: expectedImprovement(1, 1.8, 0.1) };
  assert.ok(Math.abs(a - 0.34889827870065) < 1e-14, String(a));
  assert.ok(Math.abs(b / 7.550262411949955e-18 - 1) < 1e-5, String(b));
});

function modelOf(rows: number) {
  const { weights, domains, targets, random } = measureLaw({ rows });
  const model = fitObjective(gp(), { weights, rows, domains, losses: [targets], targetWeights: [1] }, random);
  const measured = Array.from({ length: rows }, (_, row) =>
    weights.subarray(row * domains, (row + 1) * domains),
  );
  return { model, measured, domains };
}

await test("picks with old bounds are those of looking at every candidate after every pick", () => {
  const { model, measured, domains } = modelOf(20);
  const rows = drawMixtures(200, domains, new Random("candidates"));
  const candidates = Array.from({ length: 200 }, (_, i) => rows.slice(i * domains, (i + 1) * domains));
  const picked = pickByImprovement(model, measured, candidates, 8);

  // The plain way.
  const expected: Float64Array[] = [];
  let believing = model;
  let best = Math.min(...measured.map((mixture) => model.predict(mixture)));
  while (expected.length < 8) {
    const improvements = candidates.map((mixture) => {
      if (expected.includes(mixture)) return -1;
      const { mean, deviation } = believing.predictWithDeviation!(mixture, domains);
      return expectedImprovement(best, mean[0]!, deviation[0]!);
    });
    const pick = candidates[improvements.indexOf(Math.max(...improvements))]!;
    expected.push(pick);
    best = Math.min(best, model.predict(pick));
    believing = believing.believe!(pick, domains);
  }
  assert.deepEqual(picked, expected);
});

await test("believing keeps the means and shrinks the deviations, most where it believes", () => {
  const { model, domains } = modelOf(20);
  const rows = drawMixtures(50, domains, new Random("others"));
  const before = model.predictWithDeviation!(rows, domains);
  const after = model.believe!(rows.slice(0, domains), domains).predictWithDeviation!(rows, domains);
  after.mean.forEach((mean, i) => assert.ok(Math.abs(mean - before.mean[i]!) < 1e-9));
  after.deviation.forEach((deviation, i) => assert.ok(deviation <= before.deviation[i]! + 1e-9));
  assert.ok(after.deviation[0]! < 0.8 * before.deviation[0]!);
});

await test("a predictor that states no deviation is refused with the way out", () => {
  const { weights, domains, targets, random } = measureLaw({ rows: 20 });
  const model = fitObjective(
    recipeGbdt(),
    { weights, rows: 20, domains, losses: [targets], targetWeights: [1] },
    random,
  );
  const candidates = [weights.slice(0, domains), weights.slice(domains, 2 * domains)];
  assert.throws(() => pickByImprovement(model, candidates, candidates, 1), /does not say how sure it is/);
});

await test("functions drawn from the posterior have its mean and deviation", () => {
  const { model, domains } = modelOf(12);
  const rows = drawMixtures(6, domains, new Random("rows"));
  const { mean, deviation } = model.predictWithDeviation!(rows, domains);
  const draws = model.sample!(rows, domains, 4000, new Random("draws"));
  for (let row = 0; row < 6; row++) {
    const values = draws.map((values) => values[row]!);
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length);
    assert.ok(Math.abs(average - mean[row]!) < (4 * deviation[row]!) / Math.sqrt(4000) + 1e-9);
    assert.ok(Math.abs(spread / deviation[row]! - 1) < 0.06, `${spread} ${deviation[row]}`);
  }
});
