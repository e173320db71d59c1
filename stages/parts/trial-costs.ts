/** What trials of the cheaper proxies cost, in trials of search.proxy. Not measured in seconds: a search must choose alike everywhere. */
import { ConfigError } from "../../pipeline/core/errors.ts";
import { trialFlops } from "../../pipeline/proxy/transformer/trial-flops.ts";
import type { ProxyConfig, TransformerProxyConfig } from "../../pipeline/schema/proxy-config.ts";
import type { SearchConfig } from "../../pipeline/schema/search-config.ts";
import { proxySetting, type SearchInputs, type SearchStageConfig } from "./measure-mixtures.ts";
import { readTargets } from "./trial-shards.ts";

/** In the order of search.cheaper. @throws ConfigError as costsOf */
export async function trialCosts(config: SearchStageConfig, inputs: SearchInputs): Promise<number[]> {
  if (config.search.cheaper.length === 0) return [];
  const targets = await readTargets(proxySetting(config, inputs));
  const measured = targets.reduce((sum, { tokens }) => sum + tokens.length, 0);
  return costsOf(config.search, (proxy) => {
    const { vocabularySize, budget } = proxySetting(config, inputs, proxy);
    return trialFlops(proxy, vocabularySize, { trained: budget.proxyTokens, measured });
  });
}

/**
 * As stated, or by floating-point operations.
 *
 * @throws ConfigError if they do not fall, or sum to 1 and more: a mixture that search.proxy measures is measured by all of them
 */
export function costsOf(
  { cheaper, proxy }: Pick<SearchConfig, "cheaper" | "proxy">,
  flopsOf: (proxy: TransformerProxyConfig) => number,
): number[] {
  const flops = (of: ProxyConfig) => (of.kind === "transformer" ? flopsOf(of) : Number.NaN);
  const costs = cheaper.map(({ proxy: own, cost }) => cost ?? flops(own) / flops(proxy));
  const shown = costs.map((cost) => cost.toPrecision(3)).join(" and ");
  if (costs.some((cost, tier) => !(cost < (costs[tier - 1] ?? 1)))) {
    throw new ConfigError(
      `search.cheaper should name the dearest first, each cheaper than the last and than search.proxy; they cost ${shown} of its trials`,
      "order them, train them on fewer tokens, or state their cost",
    );
  }
  if (costs.reduce((sum, cost) => sum + cost, 0) >= 1) {
    throw new ConfigError(
      `trials of search.cheaper cost ${shown} of search.proxy's: together not less than one of those`,
      "leave one out, or train them on fewer tokens",
    );
  }
  return costs;
}
