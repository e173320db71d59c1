/**
 * Levanter and Marin fill blocks of mixture_block_size sequences with a whole number from each domain: the weight
 * times the block, rounded down, and what is left goes to the largest. A domain below one sequence gets none, with
 * only a warning. Weights in steps of 1 / 2^15 and blocks of 2^15 are therefore drawn exactly.
 */
import { InputError } from "../core/errors.ts";
import type { ReadShare } from "./exporter.ts";
import { type Shares } from "./shares.ts";
import { fixed } from "./write-yaml.ts";

/** The largest power of two below 2^16, which no longer fits the 16 bits Levanter has for it. */
export const blockSequences = 2 ** 15;

export function blockWeights({ kept }: Shares): Record<string, unknown> {
  return Object.fromEntries(kept.map(({ domain, text }) => [domain.id, fixed(text)]));
}

/** What _compute_expected_counts_per_block of levanter/data/mixture.py draws, as shares. */
export function drawnInBlocks(
  weights: Readonly<Record<string, number>>,
  block: number,
  path: string,
): ReadShare[] {
  if (block >= 2 ** 16)
    throw new InputError(`${path}: mixture_block_size is ${block}; it should be below 65536`);
  const domains = Object.keys(weights);
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const counts = domains.map((domain) => Math.trunc((weights[domain]! / total) * block));
  const rest = block - counts.reduce((sum, count) => sum + count, 0);
  counts[counts.indexOf(Math.max(...counts))]! += rest;
  return domains.map((domain, i) => ({ domain, share: counts[i]! / block }));
}
