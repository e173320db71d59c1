/** What a search goes by on its own domains: where it may go, who proposes, and other systems' weights. */
import { ConfigError } from "../../pipeline/core/errors.ts";
import { readWeights } from "../../pipeline/interop/read-weights.ts";
import { normalise } from "../../pipeline/math/simplex.ts";
import { type AllowedMixtures, allowMixtures } from "../../pipeline/mixture/allowed.ts";
import { mixtureLimits } from "../../pipeline/mixture/limits.ts";
import { createSampler } from "../../pipeline/mixture/sampler.ts";
import type { BudgetConfig } from "../../pipeline/schema/budget-config.ts";
import type { Domain } from "../../pipeline/schema/domain.ts";
import type { SearchConfig } from "../../pipeline/schema/search-config.ts";
import { createProposer } from "../../pipeline/search/create-proposer.ts";
import type { Mixture, Proposer, SearchSpace } from "../../pipeline/search/proposer.ts";

/** Weights by domain that came from elsewhere; contents, not paths, so that they may enter a fingerprint. */
export interface OutsideWeights {
  /** Mixtures to measure before any other. */
  readonly given: readonly { readonly name: string; readonly weights: Readonly<Record<string, number>> }[];
  /** What the sampler draws around instead of the natural shares. */
  readonly prior: Readonly<Record<string, number>> | null;
}

/** @throws InputError for a file that holds no weights */
export async function readOutsideWeights({
  given,
  prior,
}: Pick<SearchConfig, "given" | "prior">): Promise<OutsideWeights> {
  return {
    given: await Promise.all(
      given.map(async ({ name, file }) => ({ name, weights: await readWeights(file) })),
    ),
    prior: prior === null ? null : await readWeights(prior),
  };
}

export interface SearchSetting {
  readonly allowed: AllowedMixtures;
  readonly space: SearchSpace;
  readonly proposer: Proposer;
  readonly given: readonly { readonly name: string; readonly mixture: Mixture; readonly isMoved: boolean }[];
}

/**
 * @throws ConfigError if no mixture keeps the constraints, or weights from elsewhere name a domain that there is not
 */
export function searchSetting(
  domains: readonly Domain[],
  budget: BudgetConfig,
  search: SearchConfig,
  outside: OutsideWeights,
): SearchSetting {
  const limits = mixtureLimits(domains, budget, search.constraints, search.sampler.minWeight);
  const allowed = allowMixtures(limits);
  const prior =
    outside.prior === null ? limits.naturalShares : byDomain(outside.prior, domains, "search.prior");
  const sample = createSampler({ prior, allowed, sampler: search.sampler });
  const samplePool =
    search.poolSampler === null ? sample : createSampler({ prior, allowed, sampler: search.poolSampler });
  return {
    allowed,
    space: { domains: domains.length, natural: allowed.natural, sample, repair: allowed.repair },
    proposer: createProposer(search, samplePool),
    given: outside.given.map(({ name, weights }) => {
      const wanted = byDomain(weights, domains, `search.given ${name}`);
      const mixture = allowed.repair(wanted);
      if (mixture === undefined) {
        throw new ConfigError(
          `search.given ${name}: no mixture near its weights keeps every constraint`,
          "leave it out, or loosen search.constraints or search.sampler.minWeight",
        );
      }
      return { name, mixture, isMoved: mixture.some((weight, i) => Math.abs(weight - wanted[i]!) > 1e-6) };
    }),
  };
}

/** Weights in the order of the domains, normalised; a domain that is not named has none. */
function byDomain(
  weights: Readonly<Record<string, number>>,
  domains: readonly Domain[],
  where: string,
): Float64Array {
  const values = new Float64Array(domains.length);
  for (const [name, weight] of Object.entries(weights)) {
    const i = domains.findIndex((domain) => domain.id === name || domain.name === name);
    if (i < 0) {
      throw new ConfigError(
        `${where} names "${name}", which is no domain`,
        `the domains are ${domains.map(({ id, name: title }) => `${id} (${title})`).join(", ")}`,
      );
    }
    values[i]! += weight;
  }
  return normalise(values);
}
