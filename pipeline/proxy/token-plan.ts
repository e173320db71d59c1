import { ConfigError, InputError } from "../core/errors.ts";
import { largestRemainder } from "../math/simplex.ts";
import type { BudgetConfig } from "../schema/budget-config.ts";
import type { NgramProxyConfig } from "../schema/proxy-config.ts";

/** Which tokens one mixture trains on; all arrays in the order of the domains. */
export interface TokenPlan {
  /** Tokens of each domain the proxy may see: the first ones of its seeded order. */
  poolTokens: number[];
  /** Tokens drawn, repeats included; they sum to the proxy's budget. */
  drawnTokens: number[];
  /** Distinct tokens among them: the first min(poolTokens, drawnTokens). */
  prefixTokens: number[];
  /** drawnTokens / poolTokens; a fraction when the pool is not used up. */
  epochs: number[];
}

/**
 * Tokens of each domain's pool when the proxy trains on fewer tokens than the target run: every pool shrinks alike, so
 * that a mixture repeats a domain as often as it would in the target run ("simulated epoching").
 *
 * @param domainTokens All tokens of each domain.
 * @throws ConfigError if proxyTokens is more than targetTokens: pools cannot grow.
 */
export function scalePools(
  domainTokens: readonly number[],
  budget: Pick<BudgetConfig, "targetTokens" | "proxyTokens">,
): number[] {
  const proxyTokens = budget.proxyTokens ?? budget.targetTokens;
  if (proxyTokens > budget.targetTokens) {
    throw new ConfigError(
      `budget.proxyTokens=${proxyTokens} should be <= budget.targetTokens=${budget.targetTokens}`,
      "a proxy trains on at most what it stands for; leave budget.proxyTokens out to use targetTokens",
    );
  }
  return domainTokens.map((tokens) => Math.round((tokens * proxyTokens) / budget.targetTokens));
}

/**
 * Turns weights into whole tokens of each domain.
 *
 * @param weights Token shares, length K, summing to 1.
 * @param domains The domains in the same order, with all their tokens.
 * @throws InputError if a domain of positive weight has an empty scaled pool; ConfigError as `scalePools`.
 */
export function planTokens(
  weights: ArrayLike<number>,
  domains: readonly { id: string; tokens: number }[],
  budget: Pick<BudgetConfig, "targetTokens" | "proxyTokens">,
): TokenPlan {
  checkWeights(weights, domains.length);
  const domainTokens = domains.map((domain) => domain.tokens);
  const poolTokens = scalePools(domainTokens, budget);
  const empty = domains.findIndex((_, k) => weights[k]! > 0 && poolTokens[k] === 0);
  if (empty >= 0) {
    throw new InputError(
      `domain ${domains[empty]!.id} has weight ${weights[empty]} but no tokens to draw: ` +
        `${domainTokens[empty]} tokens scaled by proxyTokens / targetTokens are ${poolTokens[empty]}`,
      "raise budget.proxyTokens, or give the domain no weight",
    );
  }
  const drawnTokens = largestRemainder(weights, budget.proxyTokens ?? budget.targetTokens);
  return {
    poolTokens,
    drawnTokens,
    prefixTokens: drawnTokens.map((drawn, k) => Math.min(poolTokens[k]!, drawn)),
    epochs: drawnTokens.map((drawn, k) => (drawn === 0 ? 0 : drawn / poolTokens[k]!)),
  };
}

/**
 * What each token of a domain counts for, at least 1. `saturating` has the form of Muennighoff et al. 2023 (arXiv
 * 2305.16264): the worth of one more repeat decays with R, so no number of epochs is worth more than 1 + R.
 */
export function countPerToken(
  epochs: number,
  { repetition, saturationEpochs }: Pick<NgramProxyConfig, "repetition" | "saturationEpochs">,
): number {
  const seen = Math.max(1, epochs);
  if (repetition === "once") return 1;
  if (repetition === "full") return seen;
  return 1 + saturationEpochs * (1 - Math.exp(-(seen - 1) / saturationEpochs));
}

function checkWeights(weights: ArrayLike<number>, domains: number): void {
  if (weights.length !== domains) {
    throw new RangeError(`weights=${weights.length} should be domains=${domains}`);
  }
  let total = 0;
  for (let k = 0; k < domains; k++) {
    if (!(weights[k]! >= 0)) throw new RangeError(`weights[${k}]=${weights[k]} should be >= 0`);
    total += weights[k]!;
  }
  if (Math.abs(total - 1) > 1e-6) throw new RangeError(`sum(weights)=${total} should be 1`);
}
