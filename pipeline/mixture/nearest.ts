/**
 * The mixture that is nearest to given weights among those within bounds: the information projection, which keeps the
 * proportions of all weights that no bound holds.
 */
import { normalise, projectOntoBounds } from "../math/simplex.ts";

/** The sum of some domains' weights, within bounds. A domain may be in one group only. */
interface WeightGroup {
  readonly name: string;
  /** Indices of its domains. */
  readonly members: readonly number[];
  readonly min: number;
  readonly max: number;
}

export interface WeightBounds {
  /** Length K. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly groups: readonly WeightGroup[];
}

/** Stands for zero in a product: what has no weight gets some only where nothing else can hold it. */
const trace = 1e-150;

/**
 * argmin over w within bounds of sum w ln(w / x), with x = `weights` normalised:
 * w_i = min(upper_i, max(lower_i, c m_g x_i)), where one c makes the sum 1 and m_g holds group g within its bounds.
 * The bounds should leave room for a mixture (see boundProblems). All arrays have length K.
 */
export function nearestWithin(weights: ArrayLike<number>, bounds: WeightBounds): Float64Array {
  const { lower, upper, groups } = bounds;
  if (isWithin(weights, bounds)) return Float64Array.from(weights);
  if (groups.length === 0 && lower.every((bound) => bound === 0)) return projectOntoBounds(weights, upper);

  const x = normalise(weights).map((weight, i) => Math.max(weight, trace * upper[i]!));
  const grouped = new Set(groups.flatMap(({ members }) => members));
  const rest = [...lower.keys()].filter((i) => !grouped.has(i));
  const parts = [...groups, { members: rest, min: 0, max: Infinity }];
  const scaled = (members: readonly number[], logScale: number) => {
    let sum = 0;
    for (const i of members) sum += clamp(Math.exp(Math.log(x[i]!) + logScale), lower[i]!, upper[i]!);
    return sum;
  };
  const total = (logScale: number) =>
    parts.reduce((sum, { members, min, max }) => sum + clamp(scaled(members, logScale), min, max), 0);
  const common = scaleToSum(total, 1);
  const nearest = new Float64Array(x.length);
  for (const { members, min, max } of parts) {
    const wanted = scaled(members, common);
    const held = clamp(wanted, min, max);
    const logScale = held === wanted ? common : scaleToSum((scale) => scaled(members, scale), held);
    for (const i of members) {
      const weight = clamp(Math.exp(Math.log(x[i]!) + logScale), lower[i]!, upper[i]!);
      nearest[i] = weight < 1e-100 ? 0 : weight;
    }
  }
  return nearest;
}

/** Whether weights that sum to 1 keep to the bounds, give or take rounding. */
export function isWithin(weights: ArrayLike<number>, { lower, upper, groups }: WeightBounds): boolean {
  const slack = 1e-12;
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    const isOpen = upper[i]! > 0 || weights[i] === 0; // a closed domain holds nothing at all, not even dust
    if (!(isOpen && weights[i]! >= lower[i]! - slack && weights[i]! <= upper[i]! + slack)) return false;
    sum += weights[i]!;
  }
  return (
    Math.abs(sum - 1) <= slack &&
    groups.every(({ members, min, max }) => {
      const held = members.reduce((total, i) => total + weights[i]!, 0);
      return held >= min - slack && held <= max + slack;
    })
  );
}

/** The log scale at which a rising function reaches `sum`, by bisection down to neighbouring doubles. */
function scaleToSum(rising: (logScale: number) => number, sum: number): number {
  let low = -800;
  let high = 800;
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (rising(middle) < sum) low = middle;
    else high = middle;
  }
  return high;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
