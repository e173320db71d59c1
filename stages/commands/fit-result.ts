/** What `climb fit` finds: fit.json, and the tables people read. */
import type { Better, RunsFormat } from "../../pipeline/interop/proxy-runs.ts";
import { table } from "./summary.ts";

export interface Score {
  readonly spearman: number;
  readonly r2: number;
  /** In the objective's unit. */
  readonly rmse: number;
}

export interface FittedMixture {
  /** In the order of the domains, six decimals that sum to exactly 1. */
  readonly weights: number[];
  /** What the chosen predictor expects of them. */
  readonly predicted: number;
}

/** The same for the same files, options and tool: no times, no absolute paths. */
export interface Fit {
  readonly schemaVersion: 1;
  readonly toolVersion: string;
  readonly format: RunsFormat;
  readonly files: { readonly file: string; readonly bytes: number; readonly sha256: string }[];
  readonly options: {
    readonly pool: number;
    readonly average: number;
    readonly folds: number;
    readonly seed: number;
    readonly maxRepetition: number | null;
  };
  readonly domains: readonly string[];
  /** The objective is the mean of the targets. */
  readonly objective: { readonly targets: string[]; readonly unit: string; readonly better: Better };
  readonly runs: number;
  /** Cross-validated, best first. */
  readonly predictors: ({ readonly predictor: string } & Score)[];
  readonly chosen: string;
  /** The chosen predictor on the runs that their maker set aside; null where there are none. */
  readonly heldOut: ({ readonly runs: number } & Score) | null;
  /** The mixture candidates are drawn around: --prior's, or uniform. */
  readonly prior: FittedMixture;
  readonly bestMeasured: FittedMixture & { readonly run: string; readonly measured: number };
  readonly predictedBest: FittedMixture;
  /** Mean of the best predicted ones: steadier than the one best, which is picked for its prediction's error too. */
  readonly topAverage: FittedMixture;
  readonly notes: readonly string[];
}

export function fitText(fit: Fit): string {
  const { better, unit, targets } = fit.objective;
  const scores = fit.predictors.map((score) => [score.predictor, ...scoreCells(score)]);
  if (fit.heldOut !== null) {
    scores.push([`${fit.chosen} on ${fit.heldOut.runs} held-out runs`, ...scoreCells(fit.heldOut)]);
  }
  const mixtures = [fit.prior, fit.bestMeasured, fit.predictedBest, fit.topAverage];
  const header = [
    "domain",
    "prior",
    "best measured",
    "predicted best",
    `mean of best ${fit.options.average}`,
  ];
  const rows = fit.domains.map((domain, i) => [
    domain,
    ...fourDecimals(mixtures.map(({ weights }) => weights[i]!)),
  ]);
  rows.push(["predicted", ...fourDecimals(mixtures.map(({ predicted }) => predicted))]);
  rows.push(["measured", "", ...fourDecimals([fit.bestMeasured.measured]), "", ""]);
  return [
    `${fit.format}: ${fit.runs} runs, ${fit.domains.length} domains`,
    `objective: ${targets.length === 1 ? targets[0]! : `mean of ${targets.length} measures`}, ${unit}, ${better} is better`,
    ...fit.notes.map((note) => `note: ${note}`),
    "",
    `Predictors, cross-validated in ${fit.options.folds} folds; ${fit.chosen} is chosen:`,
    table(["predictor", "Spearman", "R2", "RMSE"], scores, [1, 2, 3]),
    "",
    `Mixtures (best measured: run ${fit.bestMeasured.run}):`,
    table(header, rows, [1, 2, 3, 4]),
  ].join("\n");
}

function scoreCells({ spearman, r2, rmse }: Score): string[] {
  return fourDecimals([spearman, r2, rmse]);
}

function fourDecimals(values: readonly number[]): string[] {
  return values.map((value) => value.toFixed(4));
}
