import { ConfigError } from "../../pipeline/core/errors.ts";
import type { BudgetConfig } from "../../pipeline/schema/budget-config.ts";

/**
 * Say at once, not after the search has begun, that a budget cannot be met: later stages only take tokens away.
 *
 * @param corpusTokens undefined while a dry run does not know it
 * @throws ConfigError if the corpus is too small for the budget under the repetition cap
 */
export function checkBudget(
  { targetTokens, maxEpochs }: BudgetConfig,
  corpusTokens: number | undefined,
): void {
  if (corpusTokens === undefined || maxEpochs * corpusTokens >= targetTokens) return;
  throw new ConfigError(
    `budget.targetTokens=${targetTokens} should be well below ${Math.floor(maxEpochs * corpusTokens)}: ` +
      `the corpus holds ${corpusTokens} tokens and budget.maxEpochs=${maxEpochs}`,
    "lower budget.targetTokens, raise budget.maxEpochs or add documents; near the bound every mixture is the same",
  );
}
