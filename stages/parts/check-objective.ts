import { ConfigError } from "../../pipeline/core/errors.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";
import { domainsTarget } from "../../pipeline/schema/search.ts";

/**
 * Say at once, not after the search has begun, that there is nothing to lower, to screen or to guard.
 *
 * @throws ConfigError if every weight of the objective is 0, the domains' text counts and is not held out, a guard names no target, or n-grams should screen for n-grams
 */
export function checkObjective({
  targets,
  search,
  holdout,
  domains,
}: Pick<ClimbConfig, "targets" | "search" | "holdout" | "domains">): void {
  const { domainsWeight } = search;
  if (targets.every(({ weight }) => weight === 0) && domainsWeight === 0) {
    throw new ConfigError(
      "every target's weight is 0",
      "give the target that should become better a weight above 0",
    );
  }
  if (holdout.validation !== null && domains.cross.length > 0) {
    throw new ConfigError(
      "holdout.validation measures domains as clusters or labels make them, and domains.cross divides those",
      "leave one of the two out",
    );
  }
  if (domainsWeight > 0 && holdout.validation === null) {
    throw new ConfigError(
      `search.domainsWeight=${domainsWeight} counts the domains' own text, of which none is held out`,
      "set holdout.validation: {}, or leave search.domainsWeight out",
    );
  }
  if (domainsWeight > 0 && targets.some(({ name }) => name === domainsTarget)) {
    throw new ConfigError(
      `a target is called "${domainsTarget}", as what search.domainsWeight counts is`,
      "give the target another name",
    );
  }
  if (search.prescreen !== null && search.proxy.kind === "ngram") {
    throw new ConfigError(
      `search.prescreen=${search.prescreen} measures by n-grams what search.proxy measures by n-grams anyway`,
      "leave it out, or set search.proxy to a transformer or an external trainer",
    );
  }
  for (const { target } of search.guards) {
    if (targets.some(({ name }) => name === target)) continue;
    throw new ConfigError(
      `search.guards names "${target}", which is no target`,
      `the targets are ${targets.map(({ name }) => name).join(", ")}`,
    );
  }
}
