import { ConfigError } from "../../pipeline/core/errors.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";

/**
 * Say at once, not after the search has begun, that there is nothing to lower, to screen or to guard.
 *
 * @throws ConfigError if every target's weight is 0, a guard names no target, or n-grams should screen for n-grams
 */
export function checkObjective({ targets, search }: Pick<ClimbConfig, "targets" | "search">): void {
  if (targets.every(({ weight }) => weight === 0)) {
    throw new ConfigError(
      "every target's weight is 0",
      "give the target that should become better a weight above 0",
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
