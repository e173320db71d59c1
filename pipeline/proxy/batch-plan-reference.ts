import type { Random } from "../math/random.ts";
import type { BudgetConfig } from "../schema/budget-config.ts";
import { domainSize, streamDocuments } from "./pool.ts";
import type { ProxyDomain } from "./proxy.ts";
import { planTokens, type SequenceShape } from "./token-plan.ts";

/**
 * The batches of `planBatches` done plainly: writes out every domain's stream, cuts it, shuffles each pass, and sorts all
 * sequences by the moment they come. Each is its domain's index and contextTokens + 1 tokens.
 */
export function drawSequences(
  weights: ArrayLike<number>,
  domains: readonly ProxyDomain[],
  budget: Pick<BudgetConfig, "targetTokens" | "proxyTokens">,
  shape: SequenceShape,
  seed: Random,
): { domain: number; tokens: number[] }[] {
  const { contextTokens } = shape;
  const plan = planTokens(weights, domains.map(domainSize), budget, shape);
  const timed = domains.flatMap((domain, k) => {
    const poolTokens = plan.poolTokens[k]!;
    const pool = streamDocuments(domain, poolTokens, seed).tokens;
    const count = plan.drawnTokens[k]! / contextTokens;
    const inOrder = Array.from({ length: count }, (_, i) => ({
      pass: Math.floor((i * contextTokens) / poolTokens),
      tokens: Array.from(
        { length: contextTokens + 1 },
        (_, t) => pool[(i * contextTokens + t) % poolTokens]!,
      ),
    }));
    const order = seed.fork(`order/${domain.id}`);
    const passes = [...new Set(inOrder.map(({ pass }) => pass))];
    const shuffled = passes.flatMap((wanted) => order.shuffle(inOrder.filter(({ pass }) => pass === wanted)));
    const moments = seed.fork(`moments/${domain.id}`);
    return shuffled.map(({ tokens }, i) => ({ domain: k, tokens, moment: (i + moments.uniform()) / count }));
  });
  timed.sort((left, right) => left.moment - right.moment || left.domain - right.domain);
  return timed.map(({ domain, tokens }) => ({ domain, tokens }));
}
