/** What the report says of the fit behind an answer, and of how flat the optimum is. */
import type { Random } from "../math/random.ts";
import {
  type ChooseOptions,
  findPredictor,
  type FittedObjective,
  measuredTrials,
} from "../predictor/choose.ts";
import { learningCurve, partialDependence } from "../predictor/diagnose.ts";
import type { FinalMixture, SearchResult } from "../schema/search.ts";
import type { SearchOutcome } from "./climb-search.ts";
import type { FinalTable } from "./final-table.ts";
import { flatRanges } from "./flat-range.ts";
import { toRows } from "./proposer.ts";
import { deviations95 } from "../math/normal.ts";

/** Points of a partial dependence curve. */
const points = 9;

/** The last fit's learning curve, and what it makes of each domain between the least and the most that was tried. */
export function diagnoseOutcome(
  { trials, predictor }: Pick<SearchOutcome, "trials" | "predictor">,
  objective: Pick<ChooseOptions, "targetWeights" | "reference">,
  registry: ChooseOptions["registry"],
  random: Random,
): SearchResult["diagnosis"] {
  const measured = measuredTrials({ trials, ...objective });
  const { domains } = measured;
  const curve = learningCurve(findPredictor(predictor.chosen, registry), { measured, random });
  return {
    learningCurve: curve.map(({ rows, spearman }) => ({ trials: rows, spearman })),
    dependence: Array.from({ length: domains }, (_, domain) => {
      const tried = trials.map(({ weights }) => weights[domain]!);
      const [least, most] = [Math.min(...tried), Math.max(...tried)];
      const weights = Array.from({ length: points }, (_, i) => least + ((most - least) * i) / (points - 1));
      return {
        weights,
        objective: partialDependence((rows) => predictor.objectiveAll(rows), measured, domain, weights),
      };
    }),
  };
}

/** What the predictor expects one measurement of each final mixture to give. */
export function predictFinal(
  final: readonly Pick<FinalMixture, "weights">[],
  predictor: Pick<FittedObjective, "objectiveAll" | "objectiveWithDeviation">,
): SearchResult["finalPredictions"] {
  const rows = toRows(final.map(({ weights }) => weights));
  const uncertain = predictor.objectiveWithDeviation?.(rows);
  const mean = uncertain?.mean ?? predictor.objectiveAll(rows);
  return Array.from(mean, (objective, i) => {
    if (uncertain === undefined) return { objective, interval: null };
    const half = deviations95 * Math.hypot(uncertain.deviation[i]!, uncertain.noise);
    return { objective, interval: { low: objective - half, high: objective + half } };
  });
}

/** How far each weight may move before the prediction is worse by more than the confirm text could tell. */
export function flatnessOf(
  found: readonly number[],
  predict: (rows: Float64Array) => Float64Array,
  contains: (weights: ArrayLike<number>) => boolean,
  table: FinalTable,
): SearchResult["flatness"] {
  const { low, high } = table.difference("found", "natural").interval;
  const tolerance = (high - low) / 2;
  return { tolerance, domains: flatRanges(found, predict, contains, tolerance) };
}
