/** Trainings by name: so that the error of one, or of the process that ran it, says which mixture it was. */
import { ClimbError, InterruptedError } from "../../pipeline/core/errors.ts";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";

/** As many domains as a line takes. */
const namedDomains = 4;

/** "domain_3 0.420, domain_0 0.310, 5 others": the largest weights first. */
export function describeWeights(weights: readonly number[], ids: readonly string[]): string {
  const positive = weights
    .map((weight, domain) => ({ weight, id: ids[domain]! }))
    .filter(({ weight }) => weight > 0)
    .sort((left, right) => right.weight - left.weight);
  const named = positive.slice(0, namedDomains).map(({ id, weight }) => `${id} ${weight.toFixed(3)}`);
  const others = positive.length - named.length;
  if (others > 0) named.push(`${others} other${others === 1 ? "" : "s"}`);
  return named.join(", ");
}

/**
 * A function that runs a task under its name: errors begin with it, and the shard says what it is at; but not of tasks that
 * take milliseconds.
 */
export function tellRunning(doing: ShardContext["doing"], takesLong: boolean) {
  const running = new Set<string>();
  const tell = async () => {
    // A courtesy, as progress is.
    if (takesLong) await doing([...running].join("; ")).catch(() => {});
  };
  return async <Result>(what: string, task: () => Promise<Result>): Promise<Result> => {
    running.add(what);
    await tell();
    try {
      return await task();
    } catch (error) {
      if (error instanceof ClimbError && !(error instanceof InterruptedError)) {
        error.message = `${what}: ${error.message}`;
      }
      throw error;
    } finally {
      running.delete(what);
      await tell();
    }
  };
}
