/**
 * What a gain at small sizes says of a large one. The gap to the natural mixture is fitted as a line over the log of the tokens;
 * what it is at the target follows with a deviation of three parts, added in squares: the line's, from seeds and from how badly
 * a line fits; the confirm text's; and beyond the largest size measured, half of the slope and its error, for nothing says
 * that the line goes on.
 */
import { mean } from "../math/stats.ts";
import { studentCdf } from "../math/student.ts";
import type { ScaleResult, ScaleTrend } from "../schema/scale.ts";

export interface RungGaps {
  readonly tokens: number;
  readonly proxy: string;
  /** Objective minus natural's, one a seed. */
  readonly bySeed: readonly number[];
}

interface At {
  readonly gap: number;
  readonly deviation: number;
  readonly probability: number;
}

/** Sizes looked at between the smallest rung and the target. */
const sizes = 200;

/**
 * @param textDeviation standard error of the gap from the confirm text, which all rungs share
 * @throws RangeError for fewer than three measurements or a single size
 */
export function scaleTrend(
  mixture: ScaleTrend["mixture"],
  rungs: readonly RungGaps[],
  textDeviation: number,
  targetTokens: number,
  confidence: number,
): ScaleTrend {
  const line = fitLine(
    rungs.flatMap(({ tokens, bySeed }) => bySeed.map((gap) => [Math.log(tokens), gap] as const)),
  );
  const largest = Math.max(...rungs.map(({ tokens }) => tokens));
  const smallest = Math.min(...rungs.map(({ tokens }) => tokens));
  const at = (tokens: number): At => {
    const x = Math.log(tokens);
    const beyond = Math.max(0, x - Math.log(largest));
    const gap = line.mean + line.slope * (x - line.centre);
    const fitted = line.deviation * Math.sqrt(1 / line.count + (x - line.centre) ** 2 / line.spread);
    const slopeError = line.deviation / Math.sqrt(line.spread);
    const deviation = Math.hypot(fitted, textDeviation, (beyond * (Math.abs(line.slope) + slopeError)) / 2);
    const probability = deviation > 0 ? studentCdf(-gap / deviation, line.count - 2) : Number(gap < 0);
    return { gap, deviation, probability };
  };
  const target = at(targetTokens);
  const end = Math.max(targetTokens, largest);
  const candidates = Array.from({ length: sizes + 1 }, (_, i) =>
    Math.round(smallest * (end / smallest) ** (i / sizes)),
  );
  const shown = candidates.filter((tokens) => tokens <= targetTokens && at(tokens).probability >= confidence);
  return {
    mixture,
    gaps: rungs.map(({ tokens, proxy, bySeed }) => ({
      tokens,
      proxy,
      bySeed: [...bySeed],
      meanGap: mean(bySeed),
    })),
    perDoubling: line.slope * Math.LN2,
    atTarget: {
      tokens: targetTokens,
      gap: target.gap,
      deviation: target.deviation,
      probabilityOfGain: target.probability,
    },
    shownUpToTokens: target.probability >= confidence ? targetTokens : (shown.at(-1) ?? null),
  };
}

/** What may be said of the found mixture at the target's size. */
export function describeTrend(
  { gaps, atTarget, shownUpToTokens }: ScaleTrend,
  confidence: number,
): ScaleResult["text"] {
  // No fit of a handful of runs can promise more than this.
  const percent =
    atTarget.probabilityOfGain > 0.999
      ? "above 99.9 %"
      : `${(100 * atTarget.probabilityOfGain).toFixed(1)} %`;
  const sizes = gaps.map(({ tokens }) => tokens.toLocaleString("en-US")).join(", ");
  const measured = `measured at ${sizes} tokens`;
  const chance = `the probability that it beats natural at ${atTarget.tokens.toLocaleString("en-US")} tokens is ${percent}`;
  if (atTarget.probabilityOfGain >= confidence) return `The found mixture, ${measured}: ${chance}.`;
  const bound =
    shownUpToTokens === null
      ? "unproven at any size"
      : `unproven above ${shownUpToTokens.toLocaleString("en-US")} tokens`;
  return `The found mixture, ${measured}: ${bound}; ${chance}.`;
}

/** Least squares; `deviation` is that of one value from the line. */
function fitLine(points: readonly (readonly [number, number])[]) {
  const count = points.length;
  const centre = mean(points.map(([x]) => x));
  const spread = points.reduce((sum, [x]) => sum + (x - centre) ** 2, 0);
  if (count < 3 || !(spread > 0))
    throw new RangeError(`points=${count} should be >= 3, at two sizes at least`);
  const level = mean(points.map(([, y]) => y));
  const slope = points.reduce((sum, [x, y]) => sum + (x - centre) * (y - level), 0) / spread;
  const squares = points.reduce((sum, [x, y]) => sum + (y - level - slope * (x - centre)) ** 2, 0);
  return { count, centre, spread, mean: level, slope, deviation: Math.sqrt(squares / (count - 2)) };
}
