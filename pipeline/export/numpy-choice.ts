import { InputError } from "../core/errors.ts";
import type { ReadShare } from "./exporter.ts";

/** InputError unless numpy's choice takes the probabilities, which Hugging Face's interleave_datasets hands to it. */
export function requireSumForNumpy(shares: readonly ReadShare[], path: string): void {
  const sum = shares.reduce((total, { share }) => total + share, 0);
  if (!(Math.abs(sum - 1) <= 1e-8)) {
    throw new InputError(`${path}: the probabilities sum to ${sum}, which numpy refuses beyond 1e-8 from 1`);
  }
}
