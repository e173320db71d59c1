import { deviations95 } from "../math/normal.ts";
import type { PredictorScore } from "../schema/search.ts";

/** Two-sided normal intervals: the share of measurements they should hold, and half their width in deviations. */
const intervals = [
  { nominal: 0.68, deviations: 0.994458 },
  { nominal: 0.9, deviations: 1.644854 },
  { nominal: 0.95, deviations: deviations95 },
] as const;

/** Whether stated deviations are honest: what share of the measurements lies within each interval around its prediction. */
export function intervalCoverage(
  measured: Float64Array,
  mean: Float64Array,
  deviation: Float64Array,
): PredictorScore["coverage"] {
  return intervals.map(({ nominal, deviations }) => {
    const held = measured.filter((value, i) => Math.abs(value - mean[i]!) <= deviations * deviation[i]!);
    return { nominal, measured: held.length / measured.length };
  });
}
