import { ConfigError } from "../core/errors.ts";
import { sampleDirichlet } from "../math/dirichlet.ts";
import type { Random } from "../math/random.ts";
import { normalise, projectOntoBounds } from "../math/simplex.ts";
import type { SamplerConfig } from "../schema/search-config.ts";

export interface SamplerOptions {
  /** Token share of each domain, length K. */
  naturalShares: ArrayLike<number>;
  /** Largest weight of each domain, length K; see `maxWeights`. */
  maxWeights: ArrayLike<number>;
  sampler: SamplerConfig;
}

/** Draws one mixture: weights of length K. */
export type Sampler = (random: Random) => Float64Array;

const maxTries = 10_000;

/**
 * Mixtures around the natural one: Dirichlet(tempered token shares * strength), the strength log-uniform over a grid
 * and drawn anew each time, as in the recipe's first round (`5_mixture.py` of NeMo Curator's CLIMB, after RegMix).
 *
 * Every mixture sums to 1 within 1e-12, and each weight is 0 or at least minWeight, and at most its maxWeight.
 *
 * @throws ConfigError when no mixture keeps to these bounds: here, or on the draw that gives up.
 */
export function createSampler({ naturalShares, maxWeights, sampler }: SamplerOptions): Sampler {
  const upper = Float64Array.from(maxWeights, (weight) => (weight < sampler.minWeight ? 0 : weight));
  const capacity = upper.reduce((left, right) => left + right, 0);
  if (capacity < 1 - 1e-12) {
    throw new ConfigError(
      `the domains' largest weights of at least search.sampler.minWeight=${sampler.minWeight} sum to ${capacity}, ` +
        `which should be >= 1`,
      "lower search.sampler.minWeight or raise budget.maxEpochs",
    );
  }
  const prior = temper(naturalShares, sampler.temperature);
  const strengths = strengthGrid(sampler).map(
    (strength) => strength * (sampler.scaleByDomains ? prior.length : 1),
  );
  const fit = sampler.onViolation === "project" ? project : reject;

  return (random) => {
    for (let attempt = 0; attempt < maxTries; attempt++) {
      const strength = strengths[random.below(strengths.length)]!;
      const draw = sampleDirichlet(
        prior.map((share) => share * strength),
        random,
      );
      const weights = fit(draw, upper, sampler.minWeight);
      if (weights !== undefined) return weights;
    }
    throw new ConfigError(
      `${maxTries} draws in a row broke budget.maxEpochs or search.sampler.minWeight=${sampler.minWeight}`,
      sampler.onViolation === "reject"
        ? "set search.sampler.onViolation=project, or raise budget.maxEpochs"
        : "lower search.sampler.minWeight, or raise budget.maxEpochs",
    );
  };
}

/** shares^temperature, renormalised; a domain without tokens keeps its zero even at temperature 0. */
function temper(shares: ArrayLike<number>, temperature: number): Float64Array {
  return normalise(Array.from(shares, (share) => (share > 0 ? share ** temperature : 0)));
}

/** Log-spaced from minStrength to maxStrength, both included. */
function strengthGrid({ minStrength, maxStrength, strengths }: SamplerConfig): number[] {
  const ratio = maxStrength / minStrength;
  return Array.from({ length: strengths }, (_, i) => minStrength * ratio ** (i / Math.max(1, strengths - 1)));
}

/** The draw without its dust, or nothing if it is over a bound. */
function reject(draw: Float64Array, upper: Float64Array, minWeight: number): Float64Array | undefined {
  const weights = dropDust(draw, minWeight);
  return weights?.every((weight, i) => weight <= upper[i]!) ? weights : undefined;
}

/** The draw without its dust, what is over a bound moved to the other domains it chose. */
function project(draw: Float64Array, upper: Float64Array, minWeight: number): Float64Array | undefined {
  const chosen = dropDust(
    draw.map((weight, i) => (upper[i]! > 0 ? weight : 0)),
    minWeight,
  );
  if (chosen === undefined) return undefined;
  const room = upper.map((bound, i) => (chosen[i]! > 0 ? bound : 0));
  const capacity = room.reduce((left, right) => left + right, 0);
  // Projection only raises what it does not cap, so nothing turns to dust again.
  return capacity >= 1 ? projectOntoBounds(chosen, room) : fillInOrder(draw, upper, room, minWeight);
}

/** Weights below minWeight become 0 and the rest is renormalised; nothing if that leaves nothing. */
function dropDust(draw: Float64Array, minWeight: number): Float64Array | undefined {
  const kept = draw.map((weight) => (weight < minWeight ? 0 : weight));
  return kept.some((weight) => weight > 0) ? normalise(kept) : undefined;
}

/**
 * For a draw whose domains cannot hold all the weight: they are filled to their bounds (`filled`), then the others in
 * the order the draw preferred them, until nothing is left over.
 */
function fillInOrder(
  draw: Float64Array,
  upper: Float64Array,
  filled: Float64Array,
  minWeight: number,
): Float64Array | undefined {
  const weights = filled.slice();
  let left = 1 - weights.reduce((sum, weight) => sum + weight, 0);
  const others = [...draw.keys()]
    .filter((i) => weights[i] === 0 && upper[i]! > 0)
    .sort((i, j) => draw[j]! - draw[i]! || upper[j]! - upper[i]! || i - j);
  for (const i of others) {
    if (left <= 0) break;
    if (left < minWeight) {
      // Too little for one more domain: it gets its minimum, and the full ones each give a little.
      const shrunk = weights.map((weight) => (weight * (1 - minWeight)) / (1 - left));
      shrunk[i] = minWeight;
      return shrunk.every((weight) => weight === 0 || weight >= minWeight) ? shrunk : undefined;
    }
    weights[i] = Math.min(left, upper[i]!);
    left -= weights[i];
  }
  return weights;
}
