import { ConfigError, InputError } from "../core/errors.ts";
import type { BudgetConfig } from "../schema/budget-config.ts";

/**
 * The largest weight the repetition cap leaves each domain: min(1, maxEpochs * tokens / targetTokens).
 *
 * @param tokens Tokens of each domain, length K.
 * @throws ConfigError if the domains together cannot fill the budget within the cap; InputError if they are empty.
 */
export function maxWeights(tokens: readonly number[], budget: BudgetConfig): Float64Array {
  const { targetTokens, maxEpochs } = budget;
  const available = tokens.reduce((left, right) => left + right, 0);
  if (!(available > 0)) {
    throw new InputError(
      `the ${tokens.length} domains hold ${available} tokens`,
      "check corpus.sources and what domains.prune dropped",
    );
  }
  const weights = Float64Array.from(tokens, (domain) => Math.min(1, (maxEpochs * domain) / targetTokens));
  // No cap below 1 is cut, so the sum falls short exactly when all domains at the cap do.
  if (maxEpochs * available < targetTokens) {
    const feasibleTokens = Math.floor(maxEpochs * available);
    const feasibleEpochs = Math.ceil((targetTokens / available) * 100) / 100;
    throw new ConfigError(
      `budget.targetTokens=${targetTokens} should be <= ${feasibleTokens}: ` +
        `the domains hold ${available} tokens and budget.maxEpochs=${maxEpochs}`,
      `set budget.targetTokens=${feasibleTokens} or budget.maxEpochs=${feasibleEpochs}, or add documents`,
    );
  }
  return weights;
}
