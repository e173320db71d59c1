/**
 * Which mixtures a search may propose and answer with: bounds of domains and groups, a floor below which a weight is
 * zero, and how far from the natural mixture. The same set holds in every round and for the answer.
 */
import { ConfigError } from "../core/errors.ts";
import { normalise } from "../math/simplex.ts";
import { klDivergence, totalVariation } from "./divergence.ts";
import { isWithin, nearestWithin, type WeightBounds } from "./nearest.ts";
import { type BoundProblem, boundProblems } from "./bound-problems.ts";

export interface MixtureLimits extends WeightBounds {
  /** Of the domains, for messages. */
  readonly names: readonly string[];
  /** Token share of each domain, length K. */
  readonly naturalShares: ArrayLike<number>;
  /** Every weight is 0 or at least this. */
  readonly minWeight: number;
  /** Largest KL(mixture || natural) in nats, and largest total variation distance to it; null is any. */
  readonly maxKl: number | null;
  readonly maxTv: number | null;
}

export interface AllowedMixtures {
  readonly limits: MixtureLimits;
  /** The natural mixture, or the allowed one nearest to it. */
  readonly natural: Float64Array;
  /** The same for equal weights. */
  readonly uniform: Float64Array;
  /** An allowed mixture near these non-negative weights of length K; undefined where the floor leaves none. */
  readonly repair: (weights: ArrayLike<number>) => Float64Array | undefined;
  /** Whether weights that sum to 1 keep every limit, give or take rounding. */
  readonly contains: (weights: ArrayLike<number>) => boolean;
}

/** @throws ConfigError if no mixture keeps every limit, with the smallest change that would do */
export function allowMixtures(given: MixtureLimits): AllowedMixtures {
  const limits = closeTooSmall(given);
  refuse(boundProblems(limits, limits.names));
  const natural = normalise(limits.naturalShares);
  const anchor = nearestWithin(natural, limits);
  refuse(distanceProblems(anchor, natural, limits));

  const contains = (weights: ArrayLike<number>) =>
    isWithin(weights, limits) &&
    Array.prototype.every.call(
      weights,
      (weight: number) => weight === 0 || weight >= limits.minWeight - 1e-15,
    ) &&
    isNear(weights, natural, limits, 1e-9);

  const repair = (weights: ArrayLike<number>): Float64Array | undefined => {
    let bounds: WeightBounds = limits;
    // Every pass but the last closes a domain or holds one at the floor.
    for (let pass = 0; pass <= 2 * limits.lower.length; pass++) {
      const inBounds = nearestWithin(weights, bounds);
      const point = pullTo(nearestWithin(natural, bounds), inBounds, natural, limits);
      if (point === undefined) return undefined;
      const dust = [...point.keys()].filter(
        (i) => point[i]! > 0 && point[i]! < limits.minWeight - 1e-15 && bounds.lower[i] === 0,
      );
      if (dust.length === 0) return point;
      const without = settleDust(bounds, point, dust, limits.minWeight);
      if (without === undefined) return undefined;
      bounds = without;
    }
    return undefined;
  };
  const nearestNatural = repair(natural);
  const nearestUniform = repair(new Float64Array(natural.length).fill(1 / natural.length));
  if (nearestNatural === undefined || nearestUniform === undefined) {
    throw new ConfigError(
      `no mixture with weights of 0 or at least search.sampler.minWeight=${limits.minWeight} keeps every constraint`,
      "lower search.sampler.minWeight",
    );
  }
  return { limits, natural: nearestNatural, uniform: nearestUniform, repair, contains };
}

/** Domains that cannot reach the floor get nothing; nor, under a KL limit, what the natural mixture has nothing of. */
function closeTooSmall(limits: MixtureLimits): MixtureLimits {
  const upper = limits.upper.map((bound, i) => {
    const isOut = bound < limits.minWeight || (limits.maxKl !== null && !(limits.naturalShares[i]! > 0));
    return isOut && limits.lower[i] === 0 ? 0 : bound;
  });
  const lower = limits.lower.map((bound) => (bound > 0 ? Math.max(bound, limits.minWeight) : 0));
  return { ...limits, lower, upper };
}

/** The anchor is the nearest in both senses, so what it misses, every mixture misses. */
function distanceProblems(
  anchor: Float64Array,
  natural: Float64Array,
  limits: MixtureLimits,
): BoundProblem[] {
  const problems: BoundProblem[] = [];
  const check = (key: string, most: number | null, least: number) => {
    if (most === null || least <= most + 1e-9) return;
    const enough = Math.ceil(least * 1e4) / 1e4;
    problems.push({
      message: `the other constraints keep every mixture at least ${least.toPrecision(4)} from the natural one, search.constraints.${key}=${most}`,
      relaxation: `set search.constraints.${key}=${enough}`,
    });
  };
  check("maxKl", limits.maxKl, klDivergence(anchor, natural));
  check("maxTv", limits.maxTv, totalVariation(anchor, natural));
  return problems;
}

function refuse(problems: readonly BoundProblem[]): void {
  if (problems.length === 0) return;
  throw new ConfigError(
    `no mixture keeps every constraint: ${problems.map(({ message }) => message).join("; ")}`,
    problems.map(({ relaxation }) => relaxation).join("; "),
  );
}

function isNear(
  weights: ArrayLike<number>,
  natural: Float64Array,
  { maxKl, maxTv }: MixtureLimits,
  slack: number,
): boolean {
  return (
    (maxKl === null || klDivergence(weights, natural) <= maxKl + slack) &&
    (maxTv === null || totalVariation(weights, natural) <= maxTv + slack)
  );
}

/** The point on the line from `anchor` that is nearest to `point` and near enough to the natural mixture. */
function pullTo(
  anchor: Float64Array,
  point: Float64Array,
  natural: Float64Array,
  limits: MixtureLimits,
): Float64Array | undefined {
  if (isNear(point, natural, limits, 0)) return point;
  const at = (share: number) => anchor.map((weight, i) => weight + share * (point[i]! - weight));
  // Both distances are convex, so those near enough are one stretch of the line, the anchor in it or none.
  if (!isNear(anchor, natural, limits, 1e-12)) return undefined;
  let [low, high] = [0, 1];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (isNear(at(middle), natural, limits, 0)) low = middle;
    else high = middle;
  }
  return at(low);
}

/** Bounds that give the dust nothing; where the others cannot hold its weight, the largest of it are held at the floor. */
function settleDust(
  bounds: WeightBounds,
  point: Float64Array,
  dust: readonly number[],
  minWeight: number,
): WeightBounds | undefined {
  const largestFirst = [...dust].sort((i, j) => point[j]! - point[i]! || i - j);
  for (let held = 0; held <= largestFirst.length; held++) {
    const kept = new Set(largestFirst.slice(0, held));
    const closed = new Set(largestFirst.slice(held));
    const settled: WeightBounds = {
      ...bounds,
      lower: bounds.lower.map((bound, i) => (kept.has(i) ? minWeight : bound)),
      upper: bounds.upper.map((bound, i) => (closed.has(i) ? 0 : bound)),
    };
    if (boundProblems(settled).length === 0) return settled;
  }
  return undefined;
}
