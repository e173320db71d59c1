import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { rmse } from "../../../pipeline/math/stats.ts";
import { ensemble } from "../../../pipeline/predictor/ensemble.ts";
import { gbdt } from "../../../pipeline/predictor/gbdt.ts";
import { powerLaw } from "../../../pipeline/predictor/power-law.ts";
import { predictRows } from "../../../pipeline/predictor/predictor.ts";
import { drawMixtures, lawLoss, measureLaw } from "./synthetic.ts";

await test("it is closer than its poorer members, and states how sure it is", () => {
  const input = measureLaw({ rows: 48 });
  const unseen = drawMixtures(200, 6, new Random("unseen"));
  const truth = Float64Array.from({ length: 200 }, (_, row) =>
    lawLoss(unseen.subarray(row * 6, row * 6 + 6)),
  );
  const errorOf = (fit: typeof ensemble) => rmse(truth, predictRows(fit()(input), unseen, 6));
  assert.ok(errorOf(ensemble) < errorOf(gbdt) / 2 && errorOf(ensemble) < errorOf(powerLaw));
  const { mean, deviation, noise } = ensemble()(input).predictWithDeviation!(unseen, 6);
  const within = truth.filter(
    (value, row) => Math.abs(value - mean[row]!) < 2 * Math.hypot(deviation[row]!, noise),
  );
  assert.ok(within.length >= 0.9 * 200, `${within.length} of 200`);
});

await test("mixtures that are all alike leave nothing to weigh by", () => {
  const input = measureLaw({ rows: 6 });
  const alike = { ...input, weights: new Float64Array(36).fill(1 / 6) };
  assert.ok(Number.isFinite(ensemble()(alike).predict(new Float64Array(6).fill(1 / 6))));
});

await test("it states finite deviations whatever models the stack leaves out", () => {
  // A diverged trial among otherwise exact ones, and steps as error rates have them.
  for (let seed = 0; seed < 6; seed++) {
    const weights = drawMixtures(16, 6, new Random(`few/${seed}`));
    const diverged = Float64Array.from({ length: 16 }, (_, row) => 2 + 0.3 * weights[row * 6]!);
    diverged[3] = 4;
    const steps = Float64Array.from({ length: 16 }, (_, row) => Math.round(4 * weights[row * 6]!) / 4);
    for (const targets of [diverged, steps]) {
      const input = { weights, rows: 16, domains: 6, targets, random: new Random("fit") };
      const { deviation, noise } = ensemble()(input).predictWithDeviation!(weights, 6);
      assert.ok(deviation.every(Number.isFinite) && Number.isFinite(noise));
    }
  }
});
