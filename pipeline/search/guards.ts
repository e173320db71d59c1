/** Targets that may not become worse than under the natural mixture: in the proposals, in the choice, in the verdict. */
import { normalCdf, normalQuantile } from "../math/normal.ts";
import type { ObjectivePredictor } from "../predictor/objective.ts";
import { type Predictor, predictRows } from "../predictor/predictor.ts";
import type { FinalMixture, Trial, Verdict } from "../schema/search.ts";
import { standardError } from "./final-table.ts";

export interface Guard {
  readonly target: string;
  /** How much worse it may be. */
  readonly tolerance: number;
  /** How sure that has to be. */
  readonly confidence: number;
}

/** What a guard asks of a model's predictions. */
interface GuardLimit {
  readonly model: Predictor;
  /** What the natural mixture is predicted to have, and the tolerance. */
  readonly limit: number;
}

/** @param targets names in the order of the model's targets */
export function guardLimits(
  model: ObjectivePredictor,
  targets: readonly string[],
  guards: readonly Guard[],
  natural: Float64Array,
): GuardLimit[] {
  return guards.map(({ target, tolerance }) => {
    const ofTarget = model.targets[targets.indexOf(target)]!;
    return { model: ofTarget, limit: ofTarget.predict(natural) + tolerance };
  });
}

/** The probability that each of rows * domains mixtures keeps every guard, by the targets' own models. */
export function guardProbability(
  limits: readonly GuardLimit[],
  rows: Float64Array,
  domains: number,
): Float64Array {
  const probability = new Float64Array(rows.length / domains).fill(1);
  for (const { model, limit } of limits) {
    const stated = model.predictWithDeviation?.(rows, domains);
    const means = stated?.mean ?? predictRows(model, rows, domains);
    for (let row = 0; row < probability.length; row++) {
      const room = limit - means[row]!;
      const deviation = stated?.deviation[row] ?? 0;
      probability[row]! *= deviation > 0 ? normalCdf(room / deviation) : Number(room >= 0);
    }
  }
  return probability;
}

/** By how much weights are predicted to miss their guards, the most of them; 0 or less if they keep all. */
export function predictedExcess(limits: readonly GuardLimit[], weights: ArrayLike<number>): number {
  return limits.reduce((most, { model, limit }) => Math.max(most, model.predict(weights) - limit), -Infinity);
}

/** By how much a measured mixture misses its guards, the most of them; 0 if it keeps all. */
export function guardExcess(
  trial: Pick<Trial, "losses">,
  natural: Pick<Trial, "losses">,
  guards: readonly Guard[],
): number {
  return guards.reduce(
    (most, { target, tolerance }) =>
      Math.max(most, lossOf(trial, target) - lossOf(natural, target) - tolerance),
    0,
  );
}

function lossOf({ losses }: Pick<Trial, "losses">, name: string): number {
  return losses.find(({ target }) => target === name)!.loss;
}

/** Each guard judged on confirm text: kept if the upper bound of found minus natural is within the tolerance. */
export function judgeGuards(found: FinalMixture, guards: readonly Guard[]): Verdict["guards"] {
  return guards.map(({ target, tolerance, confidence }) => {
    const { difference, interval } = found.targetDifferences.find((of) => of.target === target)!;
    const upper = difference + normalQuantile(confidence) * standardError(interval);
    return {
      target,
      tolerance,
      confidence,
      upper,
      kept: upper <= tolerance,
    };
  });
}
