/**
 * Tiers of proxies in one model: what a cheaper one says of a mixture, learnt from many of its measurements, becomes the trend of
 * the dearer one, of which there are fewer: dear(w) = slope cheap(w) + rest(w). This is autoregressive co-kriging (Kennedy & O'Hagan
 * 2000) in its recursive form (Le Gratiet & Garnier 2014), for any predictor of the rest and any number of tiers. As there, the designs
 * are nested: what a dear proxy measures, every cheaper one is taken to have measured too.
 */
import { mean } from "../math/stats.ts";
import { type FitPredictor, type Predictor, predictRows, type UncertainPrediction } from "./predictor.ts";

/** A predictor on the trend of a cheaper tier's. */
interface TieredPredictor extends Predictor {
  readonly cheap: Predictor;
  /** How much of the cheaper tier's prediction counts, 0 or more. */
  readonly slope: number;
  readonly rest: Predictor;
}

/** @param cheap one predictor a target, fitted to the cheaper tier, itself on the trend of a still cheaper one or not */
export function onCheapTier(name: string, fit: FitPredictor, cheap: readonly Predictor[]): FitPredictor {
  return (input) => {
    const low = cheap[input.target ?? 0]!;
    const trend = predictRows(low, input.weights, input.domains);
    const slope = slopeOf(trend, input.targets);
    const rest = fit({ ...input, targets: input.targets.map((value, row) => value - slope * trend[row]!) });
    return onTrend(name, rest, slope, low);
  };
}

function onTrend(name: string, rest: Predictor, slope: number, cheap: Predictor): TieredPredictor {
  const add = (values: Float64Array, trend: Float64Array) =>
    values.map((value, row) => value + slope * trend[row]!);
  return {
    name,
    cheap,
    slope,
    rest,
    predict: (weights) => rest.predict(weights) + slope * cheap.predict(weights),
    predictAll: (rows, domains) => add(predictRows(rest, rows, domains), predictRows(cheap, rows, domains)),
    ...(rest.predictWithDeviation !== undefined && {
      predictWithDeviation: (rows, domains): UncertainPrediction => {
        const own = rest.predictWithDeviation!(rows, domains);
        const below = cheap.predictWithDeviation?.(rows, domains);
        return {
          mean: add(own.mean, below?.mean ?? predictRows(cheap, rows, domains)),
          deviation: own.deviation.map((value, row) =>
            Math.hypot(value, slope * (below?.deviation[row] ?? 0)),
          ),
          noise: own.noise,
        };
      },
    }),
    ...(rest.believe !== undefined && {
      believe: (rows, domains) =>
        onTrend(name, rest.believe!(rows, domains), slope, cheap.believe?.(rows, domains) ?? cheap),
    }),
    ...(rest.sample !== undefined && {
      sample: (rows, domains, draws, random) => {
        const own = rest.sample!(rows, domains, draws, random);
        const below = cheap.sample?.(rows, domains, draws, random.fork("cheap"));
        const trend = below === undefined ? predictRows(cheap, rows, domains) : undefined;
        return own.map((drawn, draw) => add(drawn, trend ?? below![draw]!));
      },
    }),
  };
}

/**
 * The predictor with, for its deviation, that of what one measurement `depth` tiers below its own would settle: none where it
 * learns from no tier so cheap.
 */
export function settledBy(predictor: Predictor, depth: number): Predictor {
  return {
    name: predictor.name,
    predict: (weights) => predictor.predict(weights),
    predictWithDeviation: (rows, domains) => ({
      mean: predictRows(predictor, rows, domains),
      deviation: settledVariance(predictor, depth, rows, domains).map(Math.sqrt),
      noise: 0,
    }),
  };
}

/** Of a value of variance v, a measurement with noise of variance n settles v^2 / (v + n). */
function settledVariance(
  predictor: Predictor,
  depth: number,
  rows: Float64Array,
  domains: number,
): Float64Array {
  const tiered = isTiered(predictor) ? predictor : undefined;
  const settled = new Float64Array(rows.length / domains);
  if (depth === 0) {
    const own = (tiered?.rest ?? predictor).predictWithDeviation?.(rows, domains);
    own?.deviation.forEach((deviation, row) => {
      const variance = deviation ** 2;
      if (variance > 0) settled[row] = variance ** 2 / (variance + own.noise ** 2);
    });
  }
  if (tiered === undefined) return settled;
  const below = settledVariance(tiered.cheap, Math.max(0, depth - 1), rows, domains);
  return settled.map((variance, row) => variance + tiered.slope ** 2 * below[row]!);
}

/** The predictor, had `depth` tiers below its own these mixtures been measured and turned out as predicted. */
export function believeBelow(
  predictor: Predictor,
  depth: number,
  rows: Float64Array,
  domains: number,
): Predictor {
  if (depth === 0) return predictor.believe?.(rows, domains) ?? predictor;
  if (!isTiered(predictor)) return predictor;
  const { name, rest, slope, cheap } = predictor;
  return onTrend(name, rest, slope, believeBelow(cheap, depth - 1, rows, domains));
}

function isTiered(predictor: Predictor): predictor is TieredPredictor {
  return "cheap" in predictor;
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
