import { ConfigError } from "../core/errors.ts";
import { largestRemainder, roundToDecimals } from "../math/simplex.ts";
import type { Manifest, ManifestDomain } from "../schema/manifest.ts";
import type { Exporter, ExportOptions, WeightUnit } from "./exporter.ts";

/** A domain with a share the trainer will draw it by. */
export interface KeptDomain {
  readonly domain: ManifestDomain;
  /** Fixed decimals, never an exponent: PyYAML reads 1e-7 as text. */
  readonly text: string;
  readonly share: number;
}

export interface DroppedDomain {
  readonly id: string;
  readonly reason: string;
}

export interface Shares {
  readonly kept: readonly KeptDomain[];
  readonly dropped: readonly DroppedDomain[];
}

/**
 * The shares to write: they sum to exactly 1 and none is zero, for Megatron asserts weight > 0, and Hugging Face gives
 * wrong rows for an empty domain. Whatever is left out is named. "documents" takes the document probabilities,
 * "tokens" the weights.
 *
 * @throws ConfigError if minWeight leaves no domain
 */
export function sharesOf(
  { domains }: Manifest,
  { unit, steps }: Pick<Exporter, "unit" | "steps">,
  { decimals, minWeight }: ExportOptions,
): Shares {
  const exact = domains.map((domain) => (unit === "tokens" ? domain.weight : domain.documentProbability));
  const enough = exact.map((share) => (share < minWeight ? 0 : share));
  if (enough.every((share) => share === 0)) {
    throw new ConfigError(`no domain has a share of export.minWeight=${minWeight}`, "lower it");
  }
  const { texts, numbers } = steps === undefined ? roundToDecimals(enough, decimals) : inSteps(enough, steps);
  const precision = steps === undefined ? `at ${decimals} decimals` : `in steps of 1/${steps}`;
  const kept: KeptDomain[] = [];
  const dropped: DroppedDomain[] = [];
  for (const [i, domain] of domains.entries()) {
    if (numbers[i]! > 0) kept.push({ domain, text: texts[i]!, share: numbers[i]! });
    else dropped.push({ id: domain.id, reason: whyZero(exact[i]!, unit, precision, minWeight) });
  }
  return { kept, dropped };
}

/** Multiples of 1 / steps; exact in 15 decimals and as doubles for a power of two up to 2^15. */
function inSteps(exact: readonly number[], steps: number): { texts: string[]; numbers: number[] } {
  const numbers = largestRemainder(exact, steps).map((unit) => unit / steps);
  return { texts: numbers.map((number) => number.toFixed(15)), numbers };
}

function whyZero(share: number, unit: WeightUnit, precision: string, minWeight: number): string {
  const what = unit === "tokens" ? "weight" : "document probability";
  if (share === 0) return `its ${what} is 0`;
  return share < minWeight
    ? `its ${what} ${share} is below export.minWeight=${minWeight}`
    : `its ${what} ${share} rounds to 0 ${precision}`;
}

const repetitionSteps = 10_000;

/**
 * For trainers that stop when a domain is repeated more often than this: at least 1, and more than the epochs of the
 * share that is written, so that no rounding in the trainer's own product falls below.
 */
export function repetitionLimit({ domain, share }: KeptDomain, { budget }: Manifest): string {
  const epochs = (share * budget.targetTokens) / domain.tokens;
  const limit = epochs <= 1 ? 1 : (Math.floor(epochs * repetitionSteps) + 1) / repetitionSteps;
  return limit.toFixed(4);
}
