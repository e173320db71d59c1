/**
 * The peer of the predictors: LightGBM or scikit-learn's histogram boosting with the paper's settings, whichever
 * /usr/bin/python3 (or $PYTHON) can import.
 */
import { spawnSync } from "node:child_process";

export interface PeerTask {
  /** Rows of weights to train on and to predict. */
  readonly train: number[][];
  readonly test: number[][];
  /** One array per loss: the value of each row of `train`. */
  readonly losses: number[][];
  /** Which rows of `train`, and which losses, each fit is of. */
  readonly draws: { readonly rows: readonly number[]; readonly losses: readonly number[] }[];
}

export interface PeerAnswer {
  readonly name: string;
  /** By draw, then by loss: one prediction per row of `test`. */
  readonly predicted: readonly (readonly Float64Array[])[];
}

const program = `
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
predicted = [[fit(x[draw["rows"]], losses[loss][draw["rows"]]).predict(test).tolist() for loss in draw["losses"]]
             for draw in given["draws"]]
json.dump({"name": name, "predicted": predicted}, sys.stdout)
`;

/** Undefined, with a note on stderr, where Python has neither library. */
export function predictWithPeer(task: PeerTask): PeerAnswer | undefined {
  const python = process.env["PYTHON"] ?? "/usr/bin/python3";
  const child = spawnSync(python, ["-c", program], {
    input: JSON.stringify(task),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    env: { ...process.env, OMP_NUM_THREADS: "1" },
  });
  if (child.status !== 0) {
    const reason = child.error?.message ?? child.stderr.trim().split("\n").at(-1) ?? "";
    process.stderr.write(`predictors bench: the peer is not measured: ${reason}\n`);
    return undefined;
  }
  const { name, predicted } = JSON.parse(child.stdout) as { name: string; predicted: number[][][] };
  return { name, predicted: predicted.map((losses) => losses.map((values) => Float64Array.from(values))) };
}
