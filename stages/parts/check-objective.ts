import { ConfigError, InputError } from "../../pipeline/core/errors.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";
import { countedUnits } from "../../pipeline/schema/measure.ts";
import { domainsTarget } from "../../pipeline/schema/search.ts";
import { costsOf } from "./trial-costs.ts";

/**
 * Say at once, not after the search has begun, that there is nothing to lower, to screen or to guard.
 *
 * @throws ConfigError if every weight of the objective is 0, the worst of targets of several units is asked for, the domains' text
 *   counts and is not held out, a guard names no target, n-grams should screen for n-grams, or a cheaper proxy's cost is not known
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
  const domainsText = { weight: domainsWeight, measure: "bits-per-byte" } as const;
  const units = countedUnits([...targets, domainsText]);
  if (search.objective === "worst" && units.length > 1) {
    throw new ConfigError(
      `search.objective=worst compares the targets' losses, which are in ${units.join(" and in ")}`,
      "measure all of them alike, or set search.objective: mean, which weighs them",
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
  const unknown = search.cheaper.findIndex(
    ({ proxy, cost }) => cost === null && [proxy, search.proxy].some(({ kind }) => kind !== "transformer"),
  );
  if (unknown >= 0) {
    throw new ConfigError(
      `search.cheaper.${unknown} states no cost, which is known without only where it and search.proxy are transformers`,
      "give it as a share of what a trial of search.proxy costs, for example cost: 0.1",
    );
  }
  // The others are known once their tokens are.
  if (search.cheaper.every(({ cost }) => cost !== null)) costsOf(search, () => Number.NaN);
  for (const { target } of search.guards) {
    if (targets.some(({ name }) => name === target)) continue;
    throw new ConfigError(
      `search.guards names "${target}", which is no target`,
      `the targets are ${targets.map(({ name }) => name).join(", ")}`,
    );
  }
}

/** @throws InputError if a target is measured by accuracy and none of the targets' documents is a question */
export function checkQuestions(targets: ClimbConfig["targets"], questions: number | undefined): void {
  const asked = targets.find(({ measure }) => measure === "accuracy");
  if (asked === undefined || questions !== 0) return;
  throw new InputError(
    `target ${asked.name} is measured by accuracy, but its files hold no question`,
    "a question is a line of JSON: { context, continuation, alternatives }",
  );
}
