import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { mean, populationDeviation } from "../../../pipeline/math/stats.ts";
import { logarithm, squareRoot, standardiseFeatures } from "../../../pipeline/predictor/features.ts";
import { fitSettings, gp, gpMember } from "../../../pipeline/predictor/gp.ts";
import {
  gpObjective,
  gpPrior,
  startingSettings,
  type GpData,
} from "../../../pipeline/predictor/gp-likelihood.ts";
import { gpPosterior } from "../../../pipeline/predictor/gp-posterior.ts";
import { logMedianDistance } from "../../../pipeline/predictor/gp-tables.ts";
import { readRegmix, regmixFolder } from "./regmix-runs.ts";
import { measureLaw } from "./synthetic.ts";

const flat = {
  signal: [0, 1e9],
  noise: [0, 1e9],
  linear: [0, 1e9],
  scaleDeviation: 1e9,
  deltaDeviation: 1e9,
} as const;

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(Math.abs(actual[i]! - expected[i]!) <= tolerance, `${actual[i]} should be ${expected[i]}`);
  }
}

await test("two points by hand", () => {
  // x = -1, 1 and y = -1, 1 with all variances 1 and length scale 2: r = 1 between them, M = (1 + sqrt5 + 5/3) e^-sqrt5.
  // K = [3, M - 1; M - 1, 3] and y is its eigenvector of value 4 - M, so K^-1 y = y / (4 - M).
  const data: GpData = { x: Float64Array.of(-1, 1), rows: 2, domains: 1, targets: Float64Array.of(-1, 1) };
  const settings = Float64Array.of(0, 0, 0, Math.LN2, 0);
  const m = 0.5239941088318203;
  const value = gpObjective(data, 0, flat)(settings, new Float64Array(5));
  const expected = 1 / (4 - m) + Math.log(9 - (m - 1) ** 2) / 2;
  assert.ok(Math.abs(value - expected) < 1e-7, `${value} should be ${expected}`);

  const posterior = gpPosterior(data, settings);
  assertClose(posterior.mean(Float64Array.of(0, 1)), [0, (3 - m) / (4 - m)], 1e-7);
  // At x = 1 the covariances with the points are M - 1 and 2: the variance left is 2 - k' K^-1 k.
  const left = 2 - (3 * ((m - 1) ** 2 + 4) - 4 * (m - 1) ** 2) / (9 - (m - 1) ** 2);
  assertClose(posterior.predict(Float64Array.of(1)).deviation, [Math.sqrt(left)], 1e-7);
  assert.equal(posterior.noise, 1);
  // Each point alone has variance 3 and covariance M - 1 with the other.
  assertClose(posterior.leaveOut([Uint32Array.of(0), Uint32Array.of(1)]), [(m - 1) / 3, (1 - m) / 3], 1e-7);
});

await test("equals scikit-learn's GaussianProcessRegressor at given settings", () => {
  // scikit-learn 1.2.1:
  //   i = np.arange(1, 13)
  //   X = np.stack([np.modf(i * a)[0] for a in (.6180339887, .4142135624)], 1) - .5
  //   y = np.sin(5 * X[:, 0]) + X[:, 1] ** 2 - .2
  //   k = ConstantKernel(.8) * Matern([.5, 2.], nu=2.5) + ConstantKernel(.3 / 2) * DotProduct(sigma_0=0)
  //   g = GaussianProcessRegressor(k, alpha=.02 + 1e-8, optimizer=None).fit(X, y)
  //   g.predict([[.1, .2], [-.4, .3], [.45, -.45]], return_std=True)
  //   -g.log_marginal_likelihood() - 6 * np.log(2 * np.pi)
  const table = Array.from({ length: 12 }, (_, i) => [
    (((i + 1) * 0.6180339887) % 1) - 0.5,
    (((i + 1) * 0.4142135624) % 1) - 0.5,
  ]);
  const targets = Float64Array.from(table, ([a, b]) => Math.sin(5 * a!) + b! ** 2 - 0.2);
  const data: GpData = { x: Float64Array.from(table.flat()), rows: 12, domains: 2, targets };
  const settings = Float64Array.from([0.8, 0.02, 0.3, 1, 0.5, 2], Math.log);
  const value = gpObjective(data, 0, flat)(settings, new Float64Array(6));
  assert.ok(Math.abs(value + 10.912439596789213) < 1e-9, `${value}`);
  const posterior = gpPosterior(data, settings);
  const unseen = Float64Array.of(0.1, 0.2, -0.4, 0.3, 0.45, -0.45);
  const means = [0.29579273289356633, -1.0867025617259398, 0.6766134047060652];
  const deviations = [0.09231156120468847, 0.23801337130345201, 0.17731526190125693];
  assertClose(posterior.mean(unseen), means, 1e-9);
  assertClose(posterior.predict(unseen).deviation, deviations, 1e-9);
});

function lawData(rows: number, domains = 4): GpData {
  const { weights, targets } = measureLaw({ rows, domains, noise: 0.05 });
  const centre = mean(targets);
  const deviation = populationDeviation(targets);
  const { x } = standardiseFeatures(squareRoot, weights, rows, domains);
  return { x, rows, domains, targets: targets.map((value) => (value - centre) / deviation) };
}

await test("the gradient equals finite differences", () => {
  const data = lawData(14);
  const objective = gpObjective(data, logMedianDistance(data));
  const random = new Random("gradient");
  for (let point = 0; point < 4; point++) {
    const settings = startingSettings(4, 0.5).map((value) => value + 0.5 * random.normal());
    const gradient = new Float64Array(8);
    objective(settings, gradient);
    for (let i = 0; i < 8; i++) {
      const scratch = new Float64Array(8);
      const above = objective(settings.with(i, settings[i]! + 1e-5), scratch);
      const below = objective(settings.with(i, settings[i]! - 1e-5), scratch);
      const slope = (above - below) / 2e-5;
      assert.ok(Math.abs(slope - gradient[i]!) < 1e-6 * (1 + Math.abs(slope)), `${gradient[i]} at ${i}`);
    }
  }
});

await test("rows left out are predicted as by a process that never saw them", () => {
  const data = lawData(20);
  const settings = fitSettings(data).x;
  const folds = [Uint32Array.of(0, 3, 4), Uint32Array.of(7)];
  const left = gpPosterior(data, settings).leaveOut(folds);
  for (const fold of folds) {
    const rest = Array.from({ length: 20 }, (_, row) => row).filter((row) => !fold.includes(row));
    const rowsOf = (rows: Iterable<number>) =>
      Float64Array.from(Array.from(rows, (row) => [...data.x.subarray(row * 4, row * 4 + 4)]).flat());
    const seen = {
      ...data,
      rows: rest.length,
      x: rowsOf(rest),
      targets: Float64Array.from(rest, (row) => data.targets[row]!),
    };
    assertClose(
      Array.from(fold, (row) => left[row]!),
      gpPosterior(seen, settings).mean(rowsOf(fold)),
      1e-9,
    );
  }
});

await test("what is believed adds certainty, as a process fitted to it too, and moves no mean", () => {
  const data = lawData(30);
  const settings = fitSettings(data).x;
  const posterior = gpPosterior(data, settings);
  const random = new Random("believe");
  const believed = Float64Array.from({ length: 3 * 4 }, () => random.normal());
  const others = Float64Array.from({ length: 70 * 4 }, () => random.normal());
  const refitted = gpPosterior(
    {
      ...data,
      x: Float64Array.of(...data.x, ...believed),
      rows: 33,
      targets: Float64Array.of(...data.targets, ...posterior.mean(believed)),
    },
    settings,
  ).predict(others);
  const both = posterior.believe(believed.subarray(0, 4)).believe(believed.subarray(4)).predict(others);
  assertClose(both.deviation, refitted.deviation, 1e-7);
  assertClose(both.mean, refitted.mean, 1e-7);
  assertClose(both.mean, posterior.mean(others), 1e-9);
  const alone = others.subarray(66 * 4, 67 * 4);
  assertClose(posterior.predict(alone).deviation, [posterior.predict(others).deviation[66]!], 1e-9);
});

await test("it is surer of what it measured, and as sure in units of the targets", () => {
  const input = measureLaw({ rows: 40, noise: 0.005 });
  const far = Float64Array.of(0, 0, 0, 0, 0, 1);
  const near = input.weights.slice(0, 6);
  const {
    mean: means,
    deviation,
    noise,
  } = gp()(input).predictWithDeviation!(Float64Array.of(...near, ...far), 6);
  assert.ok(deviation[0]! < deviation[1]! / 2);
  assert.ok(noise > 0.001 && noise < 0.02, `${noise}`);
  assertClose(means, gp()(input).predictAll!(Float64Array.of(...near, ...far), 6), 1e-9);
  const thousandfold = gp()({ ...input, targets: input.targets.map((value) => 1000 * value) });
  const scaled = thousandfold.predictWithDeviation!(Float64Array.of(...near, ...far), 6);
  assertClose(
    scaled.deviation,
    deviation.map((value) => 1000 * value),
    1e-3,
  );
});

await test("domains that never vary and repeated mixtures do no harm", () => {
  const { weights, targets, random } = measureLaw({ rows: 12, noise: 0 });
  const widened = Float64Array.from({ length: 12 * 7 }, (_, i) =>
    i % 7 === 6 ? 0 : weights[Math.floor(i / 7) * 6 + (i % 7)]!,
  );
  const fitted = gp()({
    weights: Float64Array.of(...widened, ...widened),
    rows: 24,
    domains: 7,
    targets: Float64Array.of(...targets, ...targets),
    random,
  });
  for (let row = 0; row < 12; row++) {
    assert.ok(Math.abs(fitted.predict(widened.subarray(row * 7, row * 7 + 7)) - targets[row]!) < 0.05);
  }
});

await test("112 mixtures of 20 domains take a fraction of a second", () => {
  const input = measureLaw({ rows: 112, domains: 20 });
  gpMember(logarithm, input);
  const before = process.cpuUsage();
  gp()(input);
  const seconds = process.cpuUsage(before).user / 1e6;
  assert.ok(seconds < 1, `${seconds} s`);
});

const referencePath = join(regmixFolder, "gp_reference.json");
const skip = existsSync(referencePath) ? false : `${referencePath} is not there`;

interface Reference {
  log_sf2: number;
  log_sn2: number;
  log_sl2: number;
  log_ls: number[];
  objective: number;
  lmu: number;
  pred: number[];
  sd: number[];
}

await test(
  "agrees with recorded settings, objective and predictions on 112 of RegMix's runs",
  { skip },
  async () => {
    const reference = JSON.parse(readFileSync(referencePath, "utf8")) as Record<"sqrt" | "log", Reference>;
    const [train, unseen] = [await readRegmix(regmixFolder, "train"), await readRegmix(regmixFolder, "test")];
    const { domains } = train;
    const losses = train.losses[train.names.indexOf("pile_cc")]!.slice(0, 112);
    const [centre, unit] = [mean(losses), populationDeviation(losses)];
    for (const [name, transform] of [
      ["sqrt", squareRoot],
      ["log", logarithm],
    ] as const) {
      const expected = reference[name];
      const features = standardiseFeatures(transform, train.weights.slice(0, 112 * domains), 112, domains);
      const data: GpData = {
        x: features.x,
        rows: 112,
        domains,
        targets: losses.map((loss) => (loss - centre) / unit),
      };
      assertClose([logMedianDistance(data)], [expected.lmu], 1e-8);

      // The file gives the length scales; the common one is the prior's optimum for them.
      const { deltaDeviation, scaleDeviation } = gpPrior;
      const [common, own] = [scaleDeviation ** -2, deltaDeviation ** -2];
      const total = expected.log_ls.reduce((sum, length) => sum + length, 0);
      const scale = (common * expected.lmu + own * total) / (common + own * domains);
      const { log_sf2: signal, log_sn2: noise, log_sl2: linear } = expected;
      const recorded = Float64Array.of(
        signal,
        noise,
        linear,
        scale,
        ...expected.log_ls.map((length) => length - scale),
      );
      const objective = gpObjective(data, logMedianDistance(data));
      assertClose([objective(recorded, new Float64Array(recorded.length))], [expected.objective], 1e-6);

      const found = fitSettings(data);
      assert.ok(found.value < expected.objective + 1e-5, `${found.value} against ${expected.objective}`);
      assertClose(found.x, recorded, 5e-3);
      const x = features.map(unseen.weights.slice(0, 10 * domains));
      for (const [settings, tolerance] of [
        [recorded, 1e-8],
        [found.x, 2e-4],
      ] as const) {
        const posterior = gpPosterior(data, settings);
        assertClose(
          posterior.mean(x).map((value) => centre + unit * value),
          expected.pred,
          tolerance,
        );
        assertClose(
          posterior.predict(x).deviation.map((value) => unit * value),
          expected.sd,
          tolerance,
        );
      }
    }
  },
);
