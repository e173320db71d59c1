import type { Manifest } from "../schema/manifest.ts";
import { sumsToExactlyOne } from "./exact-weights.ts";

/** Weights and shares are decimals of at most 12 digits. */
const tolerance = 1e-9;

/**
 * What is wrong with the phases, one sentence each: they follow on each other from 0 to 1, each is a mixture of all domains,
 * and their mean by tokens is the domains' weights.
 */
export function checkPhases({ domains, phases }: Pick<Manifest, "domains" | "phases">): string[] {
  if (phases.length === 0) return [];
  const problems: string[] = [];
  let reached = 0;
  const seen = new Set<string>();
  for (const { name, fromShare, toShare, weights } of phases) {
    if (seen.has(name)) problems.push(`phase ${name}: two phases have this name`);
    seen.add(name);
    if (fromShare !== reached) problems.push(`phase ${name}: fromShare=${fromShare} should be ${reached}`);
    if (!(toShare > fromShare)) {
      problems.push(`phase ${name}: toShare=${toShare} should be > fromShare=${fromShare}`);
    }
    if (weights.length !== domains.length) {
      problems.push(`phase ${name}: ${weights.length} weights for ${domains.length} domains`);
    }
    const negative = weights.find((weight) => weight < 0);
    if (negative !== undefined) problems.push(`phase ${name}: the weight ${negative} is negative`);
    if (!sumsToExactlyOne(weights)) problems.push(`phase ${name}: the weights do not sum to exactly 1`);
    reached = toShare;
  }
  if (reached !== 1) problems.push(`phases: the last one ends at ${reached}, not at 1`);
  if (problems.length > 0) return problems;
  for (const [i, { id, weight }] of domains.entries()) {
    const mean = phases.reduce(
      (sum, { fromShare, toShare, weights }) => sum + (toShare - fromShare) * weights[i]!,
      0,
    );
    if (Math.abs(mean - weight) <= tolerance) continue;
    problems.push(`${id}: weight=${weight} should be the phases' mean ${mean}`);
  }
  return problems;
}
