/** Why no mixture is within bounds, and the smallest changes that would make room for one. */
import type { WeightBounds } from "./nearest.ts";

export interface BoundProblem {
  readonly message: string;
  /** The smallest change that would do. */
  readonly relaxation: string;
}

const slack = 1e-12;

/**
 * Bounds of domains and of groups that share no domain leave room exactly if each group can hold its own bounds and the
 * least and most that all can hold enclose 1; each shortfall is then the smallest total by which bounds must move.
 *
 * @param names of the domains, for the messages
 * @returns one a shortfall; empty if there is a mixture within the bounds
 */
export function boundProblems(
  { lower, upper, groups }: WeightBounds,
  names: readonly string[] = Array.from(lower, (_, i) => `domain ${i}`),
): BoundProblem[] {
  const problems: BoundProblem[] = [];
  for (const [i, bound] of lower.entries()) {
    if (bound <= upper[i]! + slack) continue;
    problems.push({
      message: `${names[i]} should hold at least ${show(bound)}, and at most ${show(upper[i]!)}`,
      relaxation: `lower ${names[i]}'s min to ${show(upper[i]!)}, or raise its max or budget.maxEpochs`,
    });
  }
  let least = 0;
  let most = 0;
  const grouped = new Set<number>();
  for (const { name, members, min, max } of groups) {
    for (const i of members) grouped.add(i);
    const [membersLeast, membersMost] = [sum(lower, members), sum(upper, members)];
    if (membersMost < min - slack) {
      problems.push({
        message: `group ${name} should hold at least ${show(min)}, and its domains can hold ${show(membersMost)}`,
        relaxation: `lower group ${name}'s min to ${show(membersMost)}`,
      });
    }
    if (membersLeast > max + slack) {
      problems.push({
        message: `group ${name} should hold at most ${show(max)}, and its domains' least weights are ${show(membersLeast)}`,
        relaxation: `raise group ${name}'s max to ${show(membersLeast)}`,
      });
    }
    if (min > max + slack) {
      problems.push({
        message: `group ${name}'s min ${show(min)} is above its max ${show(max)}`,
        relaxation: `lower group ${name}'s min to ${show(max)}`,
      });
    }
    least += Math.max(min, membersLeast);
    most += Math.min(max, membersMost);
  }
  const rest = [...lower.keys()].filter((i) => !grouped.has(i));
  least += sum(lower, rest);
  most += sum(upper, rest);
  if (problems.length > 0) return problems;
  if (most < 1 - slack) {
    problems.push({
      message: `the largest weights of all domains sum to ${show(most)}, which should be >= 1`,
      relaxation: `raise max weights by ${show(1 - most)} in all (search.constraints, or budget.maxEpochs, which sets the others)`,
    });
  }
  if (least > 1 + slack) {
    problems.push({
      message: `the smallest weights of all domains sum to ${show(least)}, which should be <= 1`,
      relaxation: `lower min weights by ${show(least - 1)} in all (search.constraints)`,
    });
  }
  return problems;
}

function show(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function sum(bounds: Float64Array, members: readonly number[]): number {
  return members.reduce((total, i) => total + bounds[i]!, 0);
}
