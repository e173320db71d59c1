import { ConfigError } from "../core/errors.ts";
import { sampleDirichlet } from "../math/dirichlet.ts";
import type { Random } from "../math/random.ts";
import { normalise } from "../math/simplex.ts";
import type { SamplerConfig } from "../schema/search-config.ts";
import type { AllowedMixtures } from "./allowed.ts";

export interface SamplerOptions {
  /** What the draws lie around, of length K: the domains' token shares, or another system's weights. */
  prior: ArrayLike<number>;
  allowed: AllowedMixtures;
  sampler: Omit<SamplerConfig, "minWeight">;
}

/** Draws one mixture: weights of length K. */
export type Sampler = (random: Random) => Float64Array;

const maxTries = 10_000;

/**
 * Mixtures around the prior: Dirichlet(tempered prior * strength), the strength log-uniform over a grid
 * and drawn anew each time, as in the recipe's first round (`5_mixture.py` of NeMo Curator's CLIMB, after RegMix). What
 * breaks a constraint is moved to the nearest allowed mixture, or drawn again.
 *
 * @throws ConfigError on a draw that gives up
 */
export function createSampler({ prior, allowed, sampler }: SamplerOptions): Sampler {
  const tempered = temper(prior, sampler.temperature);
  const strengths = strengthGrid(sampler).map(
    (strength) => strength * (sampler.scaleByDomains ? tempered.length : 1),
  );
  const { minWeight } = allowed.limits;
  const fit = (draw: Float64Array): Float64Array | undefined => {
    const weights = dropDust(draw, minWeight);
    if (weights === undefined || sampler.onViolation === "project") return allowed.repair(weights ?? draw);
    return allowed.contains(weights) ? weights : undefined;
  };

  return (random) => {
    for (let attempt = 0; attempt < maxTries; attempt++) {
      const strength = strengths[random.below(strengths.length)]!;
      const draw = sampleDirichlet(
        tempered.map((share) => share * strength),
        random,
      );
      const weights = fit(draw);
      if (weights !== undefined) return weights;
    }
    throw new ConfigError(
      `${maxTries} draws in a row broke a constraint (budget.maxEpochs, search.constraints or ` +
        `search.sampler.minWeight=${minWeight})`,
      sampler.onViolation === "reject"
        ? "set search.sampler.onViolation=project, or loosen the constraints"
        : "lower search.sampler.minWeight, or loosen the constraints",
    );
  };
}

/** shares^temperature, renormalised; a domain without tokens keeps its zero even at temperature 0. */
function temper(shares: ArrayLike<number>, temperature: number): Float64Array {
  return normalise(Array.from(shares, (share) => (share > 0 ? share ** temperature : 0)));
}

/** Log-spaced from minStrength to maxStrength, both included. */
function strengthGrid({ minStrength, maxStrength, strengths }: SamplerOptions["sampler"]): number[] {
  const ratio = maxStrength / minStrength;
  return Array.from({ length: strengths }, (_, i) => minStrength * ratio ** (i / Math.max(1, strengths - 1)));
}

/** Weights below minWeight become 0 and the rest is renormalised; nothing if that leaves nothing. */
function dropDust(draw: Float64Array, minWeight: number): Float64Array | undefined {
  const kept = draw.map((weight) => (weight < minWeight ? 0 : weight));
  return kept.some((weight) => weight > 0) ? normalise(kept) : undefined;
}
