import { ConfigError, InputError } from "../core/errors.ts";
import { roundToDecimals } from "../math/simplex.ts";
import type { Manifest, ManifestDomain } from "../schema/manifest.ts";
import type { WeightUnit } from "./exporter.ts";

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

/**
 * The shares to write, in `decimals` that sum to exactly 1, without zeros: Megatron asserts weight > 0, and Hugging
 * Face gives wrong rows for an empty domain. Whatever is left out is named.
 *
 * @param unit "documents" takes the document probabilities, "tokens" the weights
 */
export function sharesOf(
  { domains }: Manifest,
  unit: WeightUnit,
  decimals: number,
): { kept: KeptDomain[]; dropped: DroppedDomain[] } {
  const exact = domains.map((domain) => (unit === "tokens" ? domain.weight : domain.documentProbability));
  const { texts, numbers } = roundToDecimals(exact, decimals);
  const kept: KeptDomain[] = [];
  const dropped: DroppedDomain[] = [];
  for (const [i, domain] of domains.entries()) {
    if (numbers[i]! > 0) kept.push({ domain, text: texts[i]!, share: numbers[i]! });
    else dropped.push({ id: domain.id, reason: whyZero(exact[i]!, unit, decimals) });
  }
  return { kept, dropped };
}

function whyZero(share: number, unit: WeightUnit, decimals: number): string {
  const what = unit === "tokens" ? "weight" : "document probability";
  return share === 0 ? `its ${what} is 0` : `its ${what} ${share} rounds to 0 at ${decimals} decimals`;
}

/** One line a dropped domain, for notes and comments. */
export function droppedNotes(dropped: readonly DroppedDomain[]): string[] {
  return dropped.map(({ id, reason }) => `${id} is left out: ${reason}`);
}

/**
 * `<dataRoot>/<id>`: where the trainer will look for a domain.
 *
 * @throws ConfigError if dataRoot holds white space, which Megatron splits at; InputError if the id is no file name
 */
export function domainPath(dataRoot: string, id: string): string {
  if (/[\s\p{Cc}]/u.test(dataRoot)) {
    throw new ConfigError(
      `export.dataRoot=${JSON.stringify(dataRoot)} holds white space, which Megatron takes for the end of a path`,
      "choose a path without it",
    );
  }
  if (!/^[\w.-]+$/.test(id)) {
    throw new InputError(
      `the domain id ${JSON.stringify(id)} is no file name`,
      "ids should be letters, digits, '.', '_' or '-'",
    );
  }
  return `${dataRoot.replace(/\/+$/, "")}/${id}`;
}

/** Text on one line, for comments in other languages. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}
