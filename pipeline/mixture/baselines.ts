import { projectOntoBounds } from "../math/simplex.ts";

/** The domains' own token shares, as near as the repetition cap allows. Both of length K. */
export function naturalMixture(shares: ArrayLike<number>, maxWeights: ArrayLike<number>): Float64Array {
  return projectOntoBounds(shares, maxWeights);
}

/** The same weight for each of `domains` domains, as near as the repetition cap allows. */
export function uniformMixture(domains: number, maxWeights: ArrayLike<number>): Float64Array {
  return projectOntoBounds(new Float64Array(domains).fill(1 / domains), maxWeights);
}
