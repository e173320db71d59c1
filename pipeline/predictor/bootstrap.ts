/**
 * How sure a model is that cannot tell: fitted again to rows drawn with replacement (Efron 1979), it says something else
 * each time. The spread of what it says is its doubt, and what the rows that were not drawn miss it by beyond that is noise.
 */
import type { Random } from "../math/random.ts";
import { conditionDraws } from "../math/square-root-filter.ts";
import { type FitInput, type FitPredictor, type Predictor, predictRows } from "./predictor.ts";
import { takeRows } from "./standardise.ts";

export interface Refittable {
  readonly predictor: Predictor;
  /** The same model of other rows, with what was chosen on all of them: a penalty, a number of trees, where to start. */
  readonly refit: (input: Omit<FitInput, "random">) => Predictor;
}

/** Enough to know a deviation within a sixth. */
const refits = 20;

/** Nothing is fitted again before somebody asks how sure the model is. */
export function bootstrapped(fit: (input: FitInput) => Refittable): FitPredictor {
  return (input) => {
    const { predictor, refit } = fit(input);
    let resampled: Resampled | undefined;
    return withDoubt(predictor, () => (resampled ??= resample(input, refit)), []);
  };
}

interface Resampled {
  readonly models: readonly Predictor[];
  readonly noiseVariance: number;
}

function resample(input: FitInput, refit: Refittable["refit"]): Resampled {
  const { rows, domains, weights, targets } = input;
  const random = input.random.fork("bootstrap");
  let squares = 0;
  let left = 0;
  const models = Array.from({ length: refits }, (_, draw) => {
    const stream = random.fork(`${draw}`);
    const drawn = Uint32Array.from({ length: rows }, () => stream.below(rows));
    const model = refit({ ...input, ...takeRows(input, drawn) });
    const seen = new Set(drawn);
    predictRows(model, weights, domains).forEach((value, row) => {
      if (seen.has(row)) return;
      squares += (targets[row]! - value) ** 2;
      left++;
    });
    return model;
  });
  const variances = deviationsOf(spread(models, weights, domains)).map((deviation) => deviation ** 2);
  const variance = variances.reduce((sum, value) => sum + value, 0) / rows;
  return { models, noiseVariance: left === 0 ? 0 : Math.max(0, squares / left - variance) };
}

/** @param believed what the models say where it is taken for measured, each given those before it */
function withDoubt(
  predictor: Predictor,
  resampled: () => Resampled,
  believed: readonly Float64Array[],
): Predictor {
  const drawsAt = (rows: Float64Array, domains: number): Float64Array[] => {
    const { models, noiseVariance } = resampled();
    const draws = spread(models, rows, domains);
    for (const here of draws) {
      for (const measured of believed) conditionDraws(here, measured, noiseVariance);
    }
    return draws;
  };
  return {
    ...predictor,
    predictWithDeviation: (rows, domains) => ({
      mean: predictRows(predictor, rows, domains),
      deviation: deviationsOf(drawsAt(rows, domains)),
      noise: Math.sqrt(resampled().noiseVariance),
    }),
    believe(rows, domains) {
      const known = [...believed];
      for (const here of drawsAt(rows, domains)) {
        for (const measured of known.slice(believed.length)) {
          conditionDraws(here, measured, resampled().noiseVariance);
        }
        known.push(here);
      }
      return withDoubt(predictor, resampled, known);
    },
    sample: (rows, domains, draws, random) =>
      sampleNormal(predictRows(predictor, rows, domains), drawsAt(rows, domains), draws, random),
  };
}

/** For each row what each model says, less the models' mean. */
function spread(models: readonly Predictor[], rows: Float64Array, domains: number): Float64Array[] {
  const said = models.map((model) => predictRows(model, rows, domains));
  return Array.from({ length: rows.length / domains }, (_, row) => {
    const values = Float64Array.from(said, (values) => values[row]!);
    const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - centre);
  });
}

function deviationsOf(draws: readonly Float64Array[]): Float64Array {
  return Float64Array.from(draws, (values) =>
    Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / (values.length - 1)),
  );
}

/** Normal functions of this mean, with the covariance of the draws. */
function sampleNormal(
  mean: Float64Array,
  draws: readonly Float64Array[],
  count: number,
  random: Random,
): Float64Array[] {
  return Array.from({ length: count }, () => {
    const parts = Float64Array.from({ length: refits }, () => random.normal() / Math.sqrt(refits - 1));
    return mean.map((value, row) =>
      draws[row]!.reduce((sum, deviation, draw) => sum + parts[draw]! * deviation, value),
    );
  });
}
