import { setImmediate as turn } from "node:timers/promises";
import { InterruptedError } from "../../pipeline/core/errors.ts";
import { chooseObjective, type FittedObjective } from "../../pipeline/predictor/choose.ts";
import { predictors } from "../../pipeline/predictor/registry.ts";

/** These take time cubic in the runs; unasked they are tried up to this many runs^3 * measures, about half a minute. */
const cubic = new Set(["ensemble", "gp"]);
const cubicWork = 3e7;

/** The predictors to try, and a note on those that would take too long. */
export function chooseCandidates(
  named: string | undefined,
  runs: number,
  measures: number,
): { candidates: readonly string[]; notes: string[] } {
  if (named !== undefined) return { candidates: [...new Set(named.split(","))], notes: [] };
  const all = Object.keys(predictors);
  if (runs ** 3 * measures <= cubicWork) return { candidates: all, notes: [] };
  const note =
    `${[...cubic].join(" and ")} left out: they take minutes for ${runs} runs with ${measures} measures each ` +
    `(ask for them: --predictors ${all.join(",")})`;
  return { candidates: all.filter((name) => !cubic.has(name)), notes: [note] };
}

/**
 * Every candidate fitted and cross-validated on the same folds, the lowest error first.
 *
 * @throws ConfigError, InputError as chooseObjective; InterruptedError
 */
export async function fitCandidates(
  candidates: readonly string[],
  input: Omit<Parameters<typeof chooseObjective>[0], "candidates">,
  signal: AbortSignal,
): Promise<FittedObjective[]> {
  const fitted: FittedObjective[] = [];
  const size = `${input.trials.length} runs, measures each: ${input.targetWeights.size}`;
  for (const [index, name] of candidates.entries()) {
    process.stderr.write(`  fitting ${name} (${index + 1}/${candidates.length}): ${size}\n`);
    // One at a time, with a turn of the event loop between them, in which a Ctrl-C is heard.
    await turn();
    if (signal.aborted) throw new InterruptedError("interrupted", "nothing was written");
    fitted.push(chooseObjective({ ...input, candidates: [name] }));
  }
  return fitted.sort((left, right) => left.scores[0]!.rmse - right.scores[0]!.rmse);
}
