/**
 * How well predictors fitted to a few of RegMix's runs order 256 other runs: Spearman correlation of predicted and
 * measured loss, mean over random draws of the training runs. The peer sees the same draws: LightGBM or scikit-learn's
 * histogram boosting with the paper's settings, whichever /usr/bin/python3 (or $PYTHON) can import.
 */
import { spawnSync } from "node:child_process";
import { Random } from "../../pipeline/math/random.ts";
import { mean, spearman } from "../../pipeline/math/stats.ts";
import { fitPerTarget } from "../../pipeline/predictor/choose.ts";
import { predictRows } from "../../pipeline/predictor/predictor.ts";
import { predictors } from "../../pipeline/predictor/registry.ts";
import { readRegmix, regmixFolder, type RegmixRuns } from "../unit/predictor/regmix-runs.ts";
import type { BenchRow } from "./bench-row.ts";

const sizes = [32, 64, 112, 512];
const names = Object.keys(predictors);
const goals = ["Pile-CC", "13 losses, averaged", "mean of 13 losses"] as const;

interface Draw {
  readonly size: number;
  readonly rows: number[];
}

/** Predictions of one draw: one array of test rows per loss. */
type Predicted = readonly Float64Array[];

export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchRow[]> {
  const folder = options["runs"] ?? regmixFolder;
  const train = await readRegmix(folder, "train");
  const test = await readRegmix(folder, "test");
  const draws = drawRuns(train.rows, Number(options["draws"] ?? 3));
  const peer = predictWithPeer(train, test, draws);

  return sizes.flatMap((size) => {
    const ofSize = draws.filter((draw) => draw.size === size);
    const peers =
      peer === undefined
        ? undefined
        : draws.flatMap((draw, i) => (draw.size === size ? [peer.predicted[i]!] : []));
    const scored = new Map(
      names.map((name) => [name, ofSize.map((draw) => predict(name, train, test, draw))]),
    );
    return goals.flatMap((goal) => {
      const peerScore = peers === undefined ? null : meanSpearman(goal, peers, test);
      const rows = names.map((name) =>
        row(
          `${size} runs, ${name}`,
          goal,
          meanSpearman(goal, scored.get(name)!, test),
          peerScore,
          peer?.name ?? null,
          null,
        ),
      );
      if (goal === "13 losses, averaged") return rows;
      const chosen = mean(ofSize.map((draw) => chosenSpearman(goal, train, test, draw)));
      return [...rows, row(`${size} runs, chosen`, goal, chosen, peerScore, peer?.name ?? null, 1)];
    });
  });
}

/** One draw where it takes all runs, else as many as asked for. */
function drawRuns(rows: number, draws: number): Draw[] {
  const random = new Random("bench/predictors");
  return sizes.flatMap((size) =>
    Array.from({ length: size === rows ? 1 : draws }, (_, draw) => ({
      size,
      rows: random.fork(`${size}/${draw}`).sampleWithoutReplacement(rows, size),
    })),
  );
}

function predict(name: string, train: RegmixRuns, test: RegmixRuns, draw: Draw): Predicted {
  const { domains } = train;
  return train.losses.map((loss) => {
    const predictor = predictors[name]!({
      weights: takeRows(train, draw.rows),
      rows: draw.size,
      domains,
      targets: Float64Array.from(draw.rows, (row) => loss[row]!),
      random: new Random(name),
    });
    return predictRows(predictor, test.weights, domains);
  });
}

/** What the search would use: the predictor with the lowest cross-validated error on the training runs. */
function chosenSpearman(
  goal: (typeof goals)[number],
  train: RegmixRuns,
  test: RegmixRuns,
  draw: Draw,
): number {
  const losses = goal === "Pile-CC" ? [train.losses[pileCc(train)]!] : train.losses;
  const fitted = fitPerTarget({
    weights: takeRows(train, draw.rows),
    rows: draw.size,
    domains: train.domains,
    losses: losses.map((loss) => Float64Array.from(draw.rows, (row) => loss[row]!)),
    targetWeights: losses.map(() => 1),
    candidates: names,
    folds: 5,
    random: new Random("chosen"),
  });
  const measured = goal === "Pile-CC" ? test.losses[pileCc(test)]! : meanOf(test.losses);
  return spearman(measured, fitted.objectiveAll(test.weights));
}

function meanSpearman(goal: (typeof goals)[number], draws: readonly Predicted[], test: RegmixRuns): number {
  const ofLoss = (loss: number) =>
    mean(draws.map((predicted) => spearman(test.losses[loss]!, predicted[loss]!)));
  if (goal === "Pile-CC") return ofLoss(pileCc(test));
  if (goal === "13 losses, averaged") return mean(test.losses.map((_, loss) => ofLoss(loss)));
  return mean(draws.map((predicted) => spearman(meanOf(test.losses), meanOf(predicted))));
}

function takeRows({ weights, domains }: RegmixRuns, rows: readonly number[]): Float64Array {
  return Float64Array.from(rows.flatMap((row) => [...weights.subarray(row * domains, (row + 1) * domains)]));
}

function pileCc({ names: losses }: RegmixRuns): number {
  return losses.indexOf("pile_cc");
}

function meanOf(columns: readonly Float64Array[]): Float64Array {
  return columns[0]!.map((_, row) => mean(columns.map((column) => column[row]!)));
}

function row(
  name: string,
  goal: string,
  ours: number,
  peer: number | null,
  peerName: string | null,
  target: number | null,
): BenchRow {
  const ratio = peer === null ? null : ours / peer;
  const met = ratio === null || target === null ? null : ratio >= target;
  return {
    case: `RegMix 1M, ${name}`,
    metric: `Spearman, ${goal}`,
    unit: "",
    ours,
    peer,
    peerName,
    ratio,
    target,
    met,
  };
}

const peerProgram = `
import json, sys
import numpy as np
try:
    import lightgbm
    name = "LightGBM " + lightgbm.__version__
    def fit(x, y):
        return lightgbm.LGBMRegressor(max_depth=4, min_child_samples=5, learning_rate=.1, n_estimators=150,
                                      reg_lambda=1, verbose=-1, n_jobs=1).fit(x, y)
except ImportError:
    import sklearn
    from sklearn.ensemble import HistGradientBoostingRegressor
    name = "scikit-learn " + sklearn.__version__ + " HistGradientBoosting"
    def fit(x, y):
        return HistGradientBoostingRegressor(max_depth=4, min_samples_leaf=5, learning_rate=.1, max_iter=150,
                                             l2_regularization=1, early_stopping=False).fit(x, y)
given = json.load(sys.stdin)
x, test, losses = (np.array(given[key]) for key in ("train", "test", "losses"))
predicted = [[fit(x[draw], loss[draw]).predict(test).tolist() for loss in losses] for draw in given["draws"]]
json.dump({"name": name, "predicted": predicted}, sys.stdout)
`;

/** Undefined where Python has neither library. */
function predictWithPeer(
  train: RegmixRuns,
  test: RegmixRuns,
  draws: readonly Draw[],
): { name: string; predicted: Predicted[] } | undefined {
  const given = {
    train: tableOf(train),
    test: tableOf(test),
    losses: train.losses.map((loss) => [...loss]),
    draws: draws.map(({ rows }) => rows),
  };
  const python = process.env["PYTHON"] ?? "/usr/bin/python3";
  const child = spawnSync(python, ["-c", peerProgram], {
    input: JSON.stringify(given),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    env: { ...process.env, OMP_NUM_THREADS: "1" },
  });
  if (child.status !== 0) return undefined;
  const answer = JSON.parse(child.stdout) as { name: string; predicted: number[][][] };
  return {
    name: answer.name,
    predicted: answer.predicted.map((losses) => losses.map((values) => Float64Array.from(values))),
  };
}

function tableOf({ weights, rows, domains }: RegmixRuns): number[][] {
  return Array.from({ length: rows }, (_, i) => [...weights.subarray(i * domains, (i + 1) * domains)]);
}
