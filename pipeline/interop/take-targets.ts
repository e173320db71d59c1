import { closest } from "fastest-levenshtein";
import { ConfigError, InputError } from "../core/errors.ts";

/** The measures that are asked for, in that order; all of them if none is. */
export function takeTargets<Named extends { readonly name: string }>(
  measures: readonly Named[],
  targets: readonly string[] | undefined,
  path: string,
): Named[] {
  if (measures.length === 0) throw new InputError(`${path}: there is no column of measurements`);
  return targets === undefined
    ? [...measures]
    : [...new Set(targets)].map((target) => {
        const found = measures.find(({ name }) => name === target);
        if (found !== undefined) return found;
        const names = measures.map(({ name }) => name);
        // Measures often are a task's name and then how it was asked.
        const nearest = names.find((name) => name.includes(target)) ?? closest(target, names);
        throw new ConfigError(
          `${path} has no measure '${target}'; did you mean '${nearest}'?`,
          `it has ${names.slice(0, 20).join(", ")}${names.length > 20 ? ` and ${names.length - 20} more` : ""}`,
        );
      });
}
