/**
 * NVIDIA's CLIMB recipe (NeMo Curator, tutorials/text/nemotron-climb-data-curation): mixtures_<round>/n<i>.sh prints
 * `weight prefix` lines. Stage 6 hands what it prints to Megatron; stage 8 reads the script itself, skipping
 * the lines that start with #, cat or EOF. Prefixes must end in the name of a domain's .bin.
 */
import { InputError } from "../core/errors.ts";
import { fileText } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { blendPairs, readBlend, wordsOf } from "./megatron-blend.ts";
import { notesFile } from "./notes.ts";
import { sharesOf } from "./shares.ts";

export const nvidiaRecipe: Exporter = {
  name: "nvidia-recipe",
  unit: "tokens",

  files(manifest, options) {
    const shares = sharesOf(manifest, nvidiaRecipe, options);
    const lines = blendPairs(shares, options.dataRoot).map((pair) => pair.join(" "));
    return [
      { path: "n1.sh", text: `#!/bin/bash\ncat <<EOF\n${lines.join("\n")}\nEOF\n` },
      notesFile(manifest, shares, [
        "Copy n1.sh to the recipe's mixtures folder and train on it with 6_train.sh; the work folder must be called n1 too.",
      ]),
    ];
  },

  read(files) {
    const printed = /^#!\/bin\/bash\ncat <<EOF\n([\s\S]*\n|)EOF\n$/.exec(fileText(files, "n1.sh"))?.[1];
    if (printed === undefined)
      throw new InputError("n1.sh does not print the lines between cat <<EOF and EOF");
    const shares = readBlend(wordsOf(printed), "n1.sh");
    for (const line of printed.split("\n").slice(0, -1)) {
      if (!/^\d+\.\d+ [^\s$`\\]+$/.test(line)) {
        throw new InputError(
          `n1.sh: stage 8 does not read ${JSON.stringify(line)} as "weight prefix", or the shell expands it`,
        );
      }
    }
    return shares;
  },
};
