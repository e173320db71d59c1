/** What the report says of the fit behind an answer, and of how flat the optimum is. */
import type { Random } from "../math/random.ts";
import { type ChooseOptions, findPredictor, measuredTrials } from "../predictor/choose.ts";
import { learningCurve, partialDependence } from "../predictor/diagnose.ts";
import type { SearchResult } from "../schema/search.ts";
import type { SearchOutcome } from "./climb-search.ts";
import type { FinalTable } from "./final-table.ts";
import { flatRanges } from "./flat-range.ts";

/** Points of a partial dependence curve. */
const points = 9;

/** The last fit's learning curve, and what it makes of each domain between the least and the most that was tried. */
export function diagnoseOutcome(
  { trials, predictor }: Pick<SearchOutcome, "trials" | "predictor">,
  targetWeights: ChooseOptions["targetWeights"],
  registry: ChooseOptions["registry"],
  random: Random,
): SearchResult["diagnosis"] {
  const measured = measuredTrials({ trials, targetWeights });
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
        bitsPerByte: partialDependence((rows) => predictor.objectiveAll(rows), measured, domain, weights),
      };
    }),
  };
}

/** How far each weight may move before the prediction is worse by more than the confirm text could tell. */
export function flatnessOf(
  found: readonly number[],
  predict: (rows: Float64Array) => Float64Array,
  contains: (weights: ArrayLike<number>) => boolean,
  table: FinalTable,
): SearchResult["flatness"] {
  const { low, high } = table.difference("found", "natural").interval;
  const toleranceBitsPerByte = (high - low) / 2;
  return { toleranceBitsPerByte, domains: flatRanges(found, predict, contains, toleranceBitsPerByte) };
}
