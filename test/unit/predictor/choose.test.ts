import assert from "node:assert/strict";
import test from "node:test";
import { ConfigError, InputError } from "../../../pipeline/core/errors.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { mean, populationDeviation, spearman } from "../../../pipeline/math/stats.ts";
import { chooseObjective, fitPerTarget } from "../../../pipeline/predictor/choose.ts";
import { crossValidate, predictOutOfFold } from "../../../pipeline/predictor/cross-validate.ts";
import {
  fitObjective,
  measuredObjective,
  type MeasuredMixtures,
} from "../../../pipeline/predictor/objective.ts";
import type { FitPredictor } from "../../../pipeline/predictor/predictor.ts";
import { predictors } from "../../../pipeline/predictor/registry.ts";
import { measureLaw } from "./synthetic.ts";

const averageOf: FitPredictor = ({ targets }) => ({ name: "average", predict: () => mean(targets) });
const firstWeight: FitPredictor = () => ({ name: "first", predict: (weights) => weights[0]! });
const worse: FitPredictor = () => ({ name: "worse", predict: (weights) => 100 * weights[0]! });

/** Knows the mixtures it was fitted to and nothing else. */
const lookUp: FitPredictor = ({ weights, rows, domains, targets }) => ({
  name: "look up",
  predict(mixture) {
    const twin = Array.from({ length: rows }, (_, row) => row).find(
      (row) => weights[row * domains] === mixture[0],
    );
    return twin === undefined ? -1 : targets[twin]!;
  },
});

function measured(rows: number): MeasuredMixtures {
  const law = measureLaw({ rows });
  const { weights, domains, targets } = law;
  const lastWeights = targets.map((_, row) => weights[row * domains + domains - 1]!);
  return { weights, rows, domains, losses: [targets, lastWeights], targetWeights: [3, 1] };
}

await test("four rows in two folds by hand: each is predicted by the mean of the other fold", () => {
  const four: MeasuredMixtures = {
    weights: Float64Array.of(0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.4, 0.6),
    rows: 4,
    domains: 2,
    losses: [Float64Array.of(1, 2, 4, 8)],
    targetWeights: [1],
  };
  const { mean: predicted } = predictOutOfFold(averageOf, {
    measured: four,
    folds: 2,
    random: new Random("hand"),
  });
  const total = 15;
  for (let row = 0; row < 4; row++) {
    const partners = [0, 1, 2, 3].filter((other) => predicted[other] === predicted[row]);
    assert.equal(partners.length, 2);
    assert.equal(predicted[row], (total - partners.reduce((sum, other) => sum + 2 ** other, 0)) / 2);
  }
});

await test("the worst target's prediction is the largest difference, about as uncertain as draws of it", () => {
  const mean = measured(40);
  const worst = { ...mean, reference: mean.losses.map((losses) => losses[0]!) };
  const random = new Random("worst");
  const fit = predictors["gp"]!;
  const parts = fitObjective(fit, mean, random).targets;
  const model = fitObjective(fit, worst, random);
  const rows = Float64Array.of(
    ...new Float64Array(6).fill(1 / 6),
    0.5,
    0.5,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0.2,
    0.2,
    0.6,
  );
  const level = (3 * worst.reference[0]! + worst.reference[1]!) / 4;
  const stated = model.predictWithDeviation!(rows, 6);
  const draws = model.sample!(rows, 6, 4000, random);
  for (let row = 0; row < 3; row++) {
    const mixture = rows.subarray(row * 6, row * 6 + 6);
    const differences = parts.map((part, target) => part.predict(mixture) - worst.reference[target]!);
    assert.ok(Math.abs(model.predict(mixture) - level - Math.max(...differences)) < 1e-9);
    assert.ok(Math.abs(stated.mean[row]! - model.predict(mixture)) < 1e-9);
    const drawn = populationDeviation(Float64Array.from(draws, (values) => values[row]!));
    assert.ok(
      Math.abs(stated.deviation[row]! / drawn - 1) < 0.2,
      `${stated.deviation[row]} against ${drawn}`,
    );
  }
  assert.equal(measuredObjective(worst)[0], level);
});

await test("near duplicates never predict each other", () => {
  // Every mixture twice, once per loss: a fit that looks its twin up would be perfect.
  const once = measureLaw({ rows: 10, noise: 0 });
  const twice: MeasuredMixtures = {
    weights: Float64Array.of(...once.weights, ...once.weights),
    rows: 20,
    domains: 6,
    losses: [Float64Array.of(...once.targets, ...once.targets)],
    targetWeights: [1],
  };
  const { mean: predicted } = predictOutOfFold(lookUp, {
    measured: twice,
    folds: 5,
    random: new Random("twins"),
  });
  assert.deepEqual(
    [...predicted],
    Array.from({ length: 20 }, () => -1),
  );
});

await test("scores are of the objective: the weighted mean of the targets", () => {
  const mixtures = measured(24);
  const objective = measuredObjective(mixtures);
  assert.equal(objective[5], 0.75 * mixtures.losses[0]![5]! + 0.25 * mixtures.losses[1]![5]!);
  const options = { measured: mixtures, folds: 5, random: new Random("scores") };
  const score = crossValidate("first", firstWeight, options);
  const firsts = Array.from({ length: 24 }, (_, row) => mixtures.weights[row * 6]!);
  assert.equal(score.predictor, "first");
  assert.ok(Math.abs(score.spearman - spearman(objective, firsts)) < 1e-12);
  assert.ok(score.spearman < 0 && score.r2 < 0 && score.rmse > 0.5);
  assert.equal(crossValidate("average", averageOf, options).r2 < 0, true);
});

await test("each target has its own model; predictions are combined by the normalised weights", () => {
  const mixtures = measured(10);
  const fitted = fitObjective(averageOf, mixtures, new Random("combined"));
  const expected = 0.75 * mean(mixtures.losses[0]!) + 0.25 * mean(mixtures.losses[1]!);
  assert.ok(Math.abs(fitted.predict([1, 0, 0, 0, 0, 0]) - expected) < 1e-12);
  const all = fitted.predictAll(mixtures.weights, 6);
  assert.ok(all.length === 10 && all.every((value) => Math.abs(value - expected) < 1e-12));
});

await test("the lowest cross-validated error is chosen, the earlier of equals", () => {
  const options = { ...measured(16), folds: 4, random: new Random("choice") };
  const registry = { worse, first: firstWeight, twin: firstWeight };
  const fitted = fitPerTarget({ ...options, candidates: ["worse", "twin", "first"], registry });
  assert.equal(fitted.chosen, "twin");
  assert.deepEqual(
    fitted.scores.map(({ predictor }) => predictor),
    ["worse", "twin", "first"],
  );
  assert.equal(fitted.objective([0.25, 0, 0, 0, 0, 0.75]), 0.25);
  assert.deepEqual([...fitted.objectiveAll(Float64Array.of(0.25, 0, 0, 0, 0, 0.75))], [0.25]);
  assert.equal(fitted.constant, false);
});

await test("a constant predictor raises the alarm", () => {
  const options = { ...measured(16), folds: 4, random: new Random("alarm") };
  assert.equal(
    fitPerTarget({ ...options, candidates: ["average"], registry: { average: averageOf } }).constant,
    true,
  );
  const flat = { ...options, losses: options.losses.map((losses) => losses.map(() => 1.5)) };
  const fitted = fitPerTarget({ ...flat, candidates: ["log-linear", "gbdt"] });
  assert.equal(fitted.constant, true);
  assert.deepEqual(
    fitted.scores.map(({ spearman: order }) => order),
    [0, 0],
  );
});

await test("every predictor of the registry fits trials by name of target", () => {
  const law = measureLaw({ rows: 40 });
  const trials = Array.from(law.targets, (loss, row) => ({
    key: `trial-${row}`,
    weights: [...law.weights.subarray(row * 6, row * 6 + 6)],
    losses: [
      { target: "other", loss: 1 },
      { target: "law", loss },
    ],
  }));
  const options = { folds: 5, random: new Random("trials"), candidates: Object.keys(predictors) };
  const fitted = chooseObjective({ trials, targetWeights: new Map([["law", 2]]), ...options });
  assert.equal(fitted.chosen, "mixing-law");
  assert.ok(fitted.scores.every((score) => score.spearman > 0.7));
  const missing = { trials, targetWeights: new Map([["elsewhere", 1]]), ...options };
  assert.throws(() => chooseObjective(missing), /trial-0 has no loss of target "elsewhere"/);
});

await test("too few mixtures, only near duplicates and unknown names are refused", () => {
  const random = new Random("refused");
  const three = { ...measured(3), folds: 5, random, candidates: ["gbdt"] };
  assert.throws(() => fitPerTarget(three), {
    name: "InputError",
    message: /measured mixtures=3 should be >= 4/,
  });
  assert.doesNotThrow(() => fitPerTarget({ ...three, ...measured(4) }));
  const same = { ...measured(8), weights: new Float64Array(48).fill(1 / 6) };
  assert.throws(() => fitPerTarget({ ...three, ...same }), InputError);
  assert.throws(() => fitPerTarget({ ...three, candidates: ["oracle"] }), ConfigError);
  assert.throws(() => fitPerTarget({ ...three, candidates: [] }), ConfigError);
});
