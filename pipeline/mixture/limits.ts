/** A run's constraints on its own domains: what the config says by name, as bounds by index. */
import { ConfigError } from "../core/errors.ts";
import type { BudgetConfig } from "../schema/budget-config.ts";
import type { ConstraintsConfig } from "../schema/constraints-config.ts";
import type { Domain } from "../schema/domain.ts";
import type { MixtureLimits } from "./allowed.ts";
import { maxWeights } from "./constraints.ts";

/**
 * @param domains in the order of the weights
 * @throws ConfigError for a constraint that names no domain, or two; or if the budget cannot be filled within the cap
 */
export function mixtureLimits(
  domains: readonly Pick<Domain, "id" | "name" | "naturalShare" | "tokens">[],
  budget: BudgetConfig,
  { bounds, fixed, groups, maxKl, maxTv }: ConstraintsConfig,
  minWeight: number,
): MixtureLimits {
  const upper = maxWeights(
    domains.map(({ tokens }) => tokens),
    budget,
  );
  const lower = new Float64Array(domains.length);
  for (const [name, { min, max }] of Object.entries(bounds)) {
    const i = findDomain(name, domains, "bounds");
    lower[i] = min;
    upper[i] = Math.min(upper[i]!, max);
  }
  for (const [name, weight] of Object.entries(fixed)) {
    const i = findDomain(name, domains, "fixed");
    if (weight > upper[i]! + 1e-12) {
      throw new ConfigError(
        `search.constraints.fixed.${name}=${weight} should be <= ${upper[i]}, its largest weight ` +
          `(budget.maxEpochs=${budget.maxEpochs} and search.constraints.bounds)`,
        `set search.constraints.fixed.${name}=${Math.floor(upper[i]! * 1e6) / 1e6}, or raise budget.maxEpochs`,
      );
    }
    lower[i] = weight;
    upper[i] = weight;
  }
  const taken = new Map<number, string>();
  const weightGroups = groups.map(({ name, domains: members, min, max }) => ({
    name,
    min,
    max,
    members: members.map((member) => {
      const i = findDomain(member, domains, `groups.${name}`);
      const other = taken.get(i);
      if (other !== undefined) {
        throw new ConfigError(
          `search.constraints.groups: ${member} is in ${other} and in ${name}`,
          "a domain may be in one group only",
        );
      }
      taken.set(i, name);
      return i;
    }),
  }));
  return {
    names: domains.map(({ id }) => id),
    naturalShares: domains.map(({ naturalShare }) => naturalShare),
    lower,
    upper,
    groups: weightGroups,
    minWeight,
    maxKl,
    maxTv,
  };
}

/** Limits of nothing but largest weights. All of length K. */
export function limitsFromCaps(
  naturalShares: ArrayLike<number>,
  upper: ArrayLike<number>,
  minWeight: number,
): MixtureLimits {
  return {
    names: Array.from(naturalShares, (_, i) => `domain ${i}`),
    naturalShares,
    lower: new Float64Array(naturalShares.length),
    upper: Float64Array.from(upper),
    groups: [],
    minWeight,
    maxKl: null,
    maxTv: null,
  };
}

function findDomain(name: string, domains: readonly Pick<Domain, "id" | "name">[], key: string): number {
  const byId = domains.findIndex(({ id }) => id === name);
  if (byId >= 0) return byId;
  const named = [...domains.keys()].filter((i) => domains[i]!.name.toLowerCase() === name.toLowerCase());
  if (named.length === 1) return named[0]!;
  throw new ConfigError(
    `search.constraints.${key} names "${name}", which is ${named.length === 0 ? "no domain" : "more than one domain"}`,
    `the domains are ${domains.map(({ id, name: title }) => `${id} (${title})`).join(", ")}`,
  );
}
