import { ConfigError } from "../pipeline/core/errors.ts";
import type { ClimbConfig } from "../pipeline/schema/config.ts";

/**
 * Say at once, not after the search has begun, that there is nothing to lower, or that a guard watches nothing.
 *
 * @throws ConfigError if every target's weight is 0, or a guard names no target
 */
export function checkObjective({ targets, search }: Pick<ClimbConfig, "targets" | "search">): void {
  if (targets.every(({ weight }) => weight === 0)) {
    throw new ConfigError(
      "every target's weight is 0",
      "give the target that should become better a weight above 0",
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
