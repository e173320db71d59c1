/**
 * Two tiers in one model: what a cheap proxy says of a mixture, learnt from many of its measurements, becomes the trend of the
 * dear one, of which there are few: dear(w) = rho cheap(w) + rest(w). This is autoregressive co-kriging (Kennedy & O'Hagan 2000)
 * in its recursive form (Le Gratiet & Garnier 2014), for any predictor of the rest.
 */
import { mean } from "../math/stats.ts";
import { type FitPredictor, type Predictor, predictRows, type UncertainPrediction } from "./predictor.ts";

/** @param cheap one predictor a target, fitted to the cheap tier */
export function onCheapTier(name: string, fit: FitPredictor, cheap: readonly Predictor[]): FitPredictor {
  return (input) => {
    const low = cheap[input.target ?? 0]!;
    const trend = predictRows(low, input.weights, input.domains);
    const rho = slopeOf(trend, input.targets);
    const rest = fit({ ...input, targets: input.targets.map((value, row) => value - rho * trend[row]!) });
    return onTrend(name, rest, (rows, domains) =>
      predictRows(low, rows, domains).map((value) => rho * value),
    );
  };
}

type Trend = (rows: Float64Array, domains: number) => Float64Array;

function onTrend(name: string, rest: Predictor, trend: Trend): Predictor {
  const add = (values: Float64Array, rows: Float64Array, domains: number) => {
    const base = trend(rows, domains);
    return values.map((value, row) => value + base[row]!);
  };
  return {
    name,
    predict: (weights) => rest.predict(weights) + trend(Float64Array.from(weights), weights.length)[0]!,
    predictAll: (rows, domains) => add(predictRows(rest, rows, domains), rows, domains),
    ...(rest.predictWithDeviation !== undefined && {
      predictWithDeviation: (rows, domains): UncertainPrediction => {
        const stated = rest.predictWithDeviation!(rows, domains);
        return { ...stated, mean: add(stated.mean, rows, domains) };
      },
    }),
    ...(rest.believe !== undefined && {
      believe: (rows, domains) => onTrend(name, rest.believe!(rows, domains), trend),
    }),
    ...(rest.sample !== undefined && {
      sample: (rows, domains, draws, random) =>
        rest.sample!(rows, domains, draws, random).map((drawn) => add(drawn, rows, domains)),
    }),
  };
}

/** Least squares through the means; 0 where the tiers disagree, for a trend that runs backwards is none. */
function slopeOf(x: Float64Array, y: Float64Array): number {
  const [centreX, centreY] = [mean(x), mean(y)];
  let xx = 0;
  let xy = 0;
  x.forEach((value, i) => {
    xx += (value - centreX) ** 2;
    xy += (value - centreX) * (y[i]! - centreY);
  });
  return xx > 0 ? Math.max(0, xy / xx) : 0;
}
