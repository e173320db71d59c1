/** The predictor a search round goes by: the candidate with the lowest cross-validated error, fitted to all trials. */
import { ConfigError, InputError } from "../core/errors.ts";
import { populationDeviation } from "../math/stats.ts";
import type { PredictorScore, TargetLoss, Trial } from "../schema/search.ts";
import { crossValidate, type CrossValidation } from "./cross-validate.ts";
import {
  fitObjective,
  measuredObjective,
  type MeasuredMixtures,
  type ObjectivePredictor,
} from "./objective.ts";
import type { FitPredictor, UncertainPrediction } from "./predictor.ts";
import { ridge } from "./ridge.ts";
import { peerPredictors, predictors } from "./registry.ts";

export interface FittedObjective {
  /** Predicted objective of one mixture, in its unit. */
  objective(weights: ArrayLike<number>): number;
  /** The same for rows * domains weights. */
  objectiveAll(rows: Float64Array): Float64Array;
  /** With its deviation and the noise of one measurement, where the chosen predictor states them. */
  objectiveWithDeviation?(rows: Float64Array): UncertainPrediction;
  /** The predictor behind it. */
  readonly model: ObjectivePredictor;
  /** Cross-validated, in the order of the candidates. */
  readonly scores: PredictorScore[];
  /** Name of the candidate that was chosen. */
  readonly chosen: string;
  /** Ridge regression on the same folds. */
  readonly baseline: PredictorScore;
  /** An alarm: it predicts the same for every measured mixture, so it can not rank any. */
  readonly constant: boolean;
}

export interface FitPerTargetOptions extends MeasuredMixtures, Omit<CrossValidation, "measured"> {
  /** Names in the registry; of equals, the earlier is chosen. */
  readonly candidates: readonly string[];
  readonly registry?: Readonly<Record<string, FitPredictor>>;
}

/**
 * @throws ConfigError for a candidate that is not in the registry, or none
 * @throws InputError for fewer than 4 measured mixtures, or if all are near duplicates
 */
export function fitPerTarget(options: FitPerTargetOptions): FittedObjective {
  const { candidates, folds, random, registry = allPredictors, ...measured } = options;
  const scores = candidates.map((name) => {
    return crossValidate(name, findPredictor(name, registry), { measured, folds, random });
  });
  const [first] = scores;
  if (first === undefined) throw new ConfigError("search.predictors should name at least one predictor");
  const best = scores.reduce((least, score) => (score.rmse < least.rmse ? score : least), first);

  const fitted = fitObjective(findPredictor(best.predictor, registry), measured, random.fork("all"));
  const { weights, domains } = measured;
  const spread = populationDeviation(fitted.predictAll(weights, domains));
  return {
    model: fitted,
    objective: (mixture) => fitted.predict(mixture),
    objectiveAll: (rows) => fitted.predictAll(rows, domains),
    ...(fitted.predictWithDeviation !== undefined && {
      objectiveWithDeviation: (rows) => fitted.predictWithDeviation!(rows, domains),
    }),
    scores,
    baseline:
      scores.find(({ predictor }) => predictor === "ridge") ??
      crossValidate("ridge", ridge(), { measured, folds, random }),
    chosen: best.predictor,
    constant: spread <= 1e-6 * populationDeviation(measuredObjective(measured)),
  };
}

export interface ChooseOptions extends Pick<
  FitPerTargetOptions,
  "candidates" | "folds" | "random" | "registry"
> {
  readonly trials: readonly Pick<Trial, "key" | "weights" | "losses">[];
  /** Weight in the objective by name of target. */
  readonly targetWeights: ReadonlyMap<string, number>;
  /** The natural mixture's, where the worst target's difference to it is what counts; without, the weighted mean is. */
  readonly reference?: readonly TargetLoss[] | undefined;
}

/** fitPerTarget on the trials of a ledger. @throws InputError also for a trial without one of the targets */
export function chooseObjective({
  trials,
  targetWeights,
  reference,
  ...options
}: ChooseOptions): FittedObjective {
  return fitPerTarget({ ...options, ...measuredTrials({ trials, targetWeights, reference }) });
}

/** Trials as rows. @throws InputError for a trial without one of the targets */
export function measuredTrials({
  trials,
  targetWeights,
  reference,
}: Pick<ChooseOptions, "trials" | "targetWeights" | "reference">): MeasuredMixtures {
  const names = [...targetWeights.keys()];
  const losses = names.map((target) => Float64Array.from(trials, (trial) => lossOf(trial, target)));
  return {
    weights: Float64Array.from(trials.flatMap(({ weights }) => weights)),
    rows: trials.length,
    domains: trials[0]?.weights.length ?? 0,
    losses,
    targetWeights: [...targetWeights.values()],
    ...(reference && {
      reference: names.map((target) => lossOf({ key: "natural", losses: reference }, target)),
    }),
  };
}

function lossOf(
  trial: { readonly key: string; readonly losses: readonly TargetLoss[] },
  target: string,
): number {
  const loss = trial.losses.find((measured) => measured.target === target);
  if (loss !== undefined) return loss.loss;
  throw new InputError(
    `trial ${trial.key} has no loss of target "${target}"`,
    "the ledger is of another run: remove it, or give the run another name",
  );
}

/** What a config may name. */
export const allPredictors: Readonly<Record<string, FitPredictor>> = { ...predictors, ...peerPredictors };

/** @throws ConfigError for a name that is not in the registry */
export function findPredictor(
  name: string,
  registry: Readonly<Record<string, FitPredictor>> = allPredictors,
): FitPredictor {
  const fit = Object.hasOwn(registry, name) ? registry[name] : undefined;
  if (fit !== undefined) return fit;
  throw new ConfigError(
    `search.predictors names "${name}"`,
    `it should be one of ${Object.keys(registry).join(", ")}`,
  );
}
