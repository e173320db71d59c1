import { ConfigError, InputError } from "../core/errors.ts";
import { largestRemainder } from "../math/simplex.ts";
import type { BudgetConfig } from "../schema/budget-config.ts";
import type { NgramProxyConfig } from "../schema/proxy-config.ts";

/** How a proxy reads tokens: so many at once, so many of those a step. */
export interface SequenceShape {
  contextTokens: number;
  batchSequences: number;
}

/** The part of a proxy's config that says so. */
export function sequenceShape(config: SequenceShape): SequenceShape {
  return { contextTokens: config.contextTokens, batchSequences: config.batchSequences };
}

/** Proxies that count tokens one by one. */
const singleTokens: SequenceShape = { contextTokens: 1, batchSequences: 1 };

/** Which tokens one mixture trains on; all arrays in the order of the domains. */
export interface TokenPlan {
  /** Tokens of each domain the proxy may see: in a row, from a document that the seed chooses. */
  poolTokens: number[];
  /** Tokens drawn, repeats included: whole sequences that sum to the budget, less what fills no batch. */
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

/** A domain's size. */
export interface DomainSize {
  id: string;
  /** As the proxy's tokenizer counts. */
  tokens: number;
  /** As the run's tokenizer counts, in which weights and budgets are meant; the same number if left out. */
  runTokens?: number;
}

/**
 * Turns weights into whole sequences of each domain. Proxies of any kind that get the same shape draw the same tokens.
 *
 * Where the proxy has a tokenizer of its own, it reads the text that the planned run would read, scaled: each domain's
 * drawn tokens are those of the run's tokenizer times what the domain has in the proxy's for each of them. So epochs
 * are the planned run's for any tokenizer, and a mixture of text that the proxy's cuts finer takes more steps.
 *
 * @param weights Token shares, length K, summing to 1.
 * @param domains The domains in the same order, with all their tokens.
 * @throws InputError if the scaled pool of a domain of positive weight does not fill one sequence; ConfigError if the
 *   budget does not fill one batch, and as `scalePools`.
 */
export function planTokens(
  weights: ArrayLike<number>,
  domains: readonly DomainSize[],
  budget: Pick<BudgetConfig, "targetTokens" | "proxyTokens">,
  { contextTokens, batchSequences }: SequenceShape = singleTokens,
): TokenPlan {
  checkWeights(weights, domains.length);
  const domainTokens = domains.map((domain) => domain.tokens);
  const poolTokens = scalePools(domainTokens, budget);
  const small = domains.findIndex((_, k) => weights[k]! > 0 && poolTokens[k]! < contextTokens);
  if (small >= 0) {
    throw new InputError(
      `domain ${domains[small]!.id} has weight ${weights[small]} but too few tokens to draw: ` +
        `${domainTokens[small]} tokens scaled by proxyTokens / targetTokens are ${poolTokens[small]}, ` +
        `and one sequence is ${contextTokens}`,
      "raise budget.proxyTokens, or give the domain no weight",
    );
  }
  const runBudget = budget.proxyTokens ?? budget.targetTokens;
  const shares = domains.map(({ tokens, runTokens = tokens }, k) =>
    weights[k] === 0 ? 0 : (weights[k]! * tokens) / runTokens,
  );
  const budgetTokens = Math.round(runBudget * shares.reduce((sum, share) => sum + share, 0));
  const batches = Math.floor(budgetTokens / (contextTokens * batchSequences));
  if (batches === 0) {
    throw new ConfigError(
      `the proxy's budget of ${budgetTokens} tokens should be at least one batch: ` +
        `${batchSequences} sequences of ${contextTokens} tokens`,
      "raise budget.proxyTokens, or make batches smaller",
    );
  }
  const sequences = largestRemainder(shares, batches * batchSequences);
  const drawnTokens = sequences.map((count) => count * contextTokens);
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
