/** Megatron's blend: weight, prefix, weight, prefix... as words of text. Three targets of the family share it. */
import { InputError } from "../core/errors.ts";
import { domainOfPath, domainPath } from "./domain-path.ts";
import type { ReadShare } from "./exporter.ts";
import type { Shares } from "./shares.ts";

/** From where on Megatron's 16-bit dataset index overflows. */
const tooManyDatasets = 32_767;

/** A weight and a prefix for each domain; the prefix stands for <prefix>.bin and <prefix>.idx. */
export function blendPairs({ kept }: Shares, dataRoot: string): [weight: string, prefix: string][] {
  return kept.map(({ domain, text }) => [text, domainPath(dataRoot, domain.id)]);
}

/**
 * As get_blend_from_list in megatron/core/datasets/utils.py reads it. Where that silently takes the weights for
 * further paths (an odd number of words; a word that should be a weight and is not, followed by no weight),
 * this throws.
 */
export function readBlend(words: readonly string[], path: string): ReadShare[] {
  if (words.length % 2 === 1) {
    throw new InputError(
      `${path} has ${words.length} words, an odd number: Megatron would take all for paths and drop the weights`,
    );
  }
  if (words.length / 2 >= tooManyDatasets) {
    throw new InputError(
      `${path} has ${words.length / 2} datasets; Megatron takes fewer than ${tooManyDatasets}`,
    );
  }
  const shares: ReadShare[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const weight = words[i]!;
    if (!/^\d+(\.\d+)?$/.test(weight)) {
      throw new InputError(
        `${path} has ${JSON.stringify(weight)} where a weight belongs: Megatron would drop all weights without a word`,
      );
    }
    if (Number(weight) === 0)
      throw new InputError(`${path} gives ${words[i + 1]} the weight 0: Megatron stops`);
    shares.push({ domain: domainOfPath(words[i + 1]!), share: Number(weight) });
  }
  return shares;
}

export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
