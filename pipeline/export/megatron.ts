/**
 * Megatron-LM: `--data-args-path blend.txt`, whose text is split at white space into weight, prefix, weight, prefix...
 * Weights count fixed-length sequences, that is tokens; Megatron normalises them.
 */
import { InputError } from "../core/errors.ts";
import { checkByReading, fileText } from "./compare-shares.ts";
import type { Exporter, ReadShare } from "./exporter.ts";
import { domainPath, droppedNotes, oneLine, sharesOf } from "./shares.ts";

/** From where on Megatron's 16-bit dataset index overflows. */
const tooManyDatasets = 32_767;

export const megatron: Exporter = {
  name: "megatron",
  unit: "tokens",

  files(manifest, { dataRoot, decimals }) {
    const { kept, dropped } = sharesOf(manifest, "tokens", decimals);
    const blend = kept.map(({ domain, text }) => `${text} ${domainPath(dataRoot, domain.id)}`);
    const epochs = kept.map(
      ({ domain }) => `${domain.id}: ${domain.epochs.toFixed(3)} epochs, ${oneLine(domain.name)}`,
    );
    const notes = [
      "Pass blend.txt with --data-args-path. Each prefix stands for <prefix>.bin and <prefix>.idx.",
      "A weight is the domain's share of the tokens; at weight 0 Megatron stops, so such domains are left out.",
      "",
      ...epochs,
      ...droppedNotes(dropped),
    ];
    return [
      { path: "blend.txt", text: `${blend.join(" ")}\n` },
      { path: "NOTES.txt", text: `${notes.join("\n")}\n` },
    ];
  },

  read(files) {
    return parseBlend(fileText(files, "blend.txt"));
  },

  check: (files, manifest, options) => checkByReading(megatron, files, manifest, options),
};

/**
 * As get_blend_from_list in megatron/core/datasets/utils.py reads it. Where that silently takes the weights for
 * further paths (an odd number of words; a word that should be a weight and is not, followed by no weight),
 * this throws.
 */
function parseBlend(text: string): ReadShare[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (words.length % 2 === 1) {
    throw new InputError(
      `blend.txt has ${words.length} words, an odd number: Megatron would take all for paths and drop the weights`,
    );
  }
  if (words.length / 2 >= tooManyDatasets) {
    throw new InputError(
      `blend.txt has ${words.length / 2} datasets; Megatron takes fewer than ${tooManyDatasets}`,
    );
  }
  const shares: ReadShare[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const weight = words[i]!;
    if (!/^\d+(\.\d+)?$/.test(weight)) {
      throw new InputError(
        `blend.txt has ${JSON.stringify(weight)} where a weight belongs: Megatron would drop all weights without a word`,
      );
    }
    if (Number(weight) === 0)
      throw new InputError(`blend.txt gives ${words[i + 1]} the weight 0: Megatron stops`);
    shares.push({ domain: words[i + 1]!.split("/").at(-1)!, share: Number(weight), unit: "tokens" });
  }
  return shares;
}
