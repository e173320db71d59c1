/**
 * Megatron-Bridge (NeMo): the `dataset` section of a recipe. `data_path` is Megatron's blend as a list of words, in
 * tokens. The migration guide's blend_weights does not exist in its source.
 */
import { z } from "zod";
import { readYaml } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { blendPairs, readBlend } from "./megatron-blend.ts";
import { mixtureNotes } from "./notes.ts";
import { sharesOf } from "./shares.ts";
import { writeYaml } from "./write-yaml.ts";

const Recipe = z.strictObject({
  dataset: z.strictObject({ data_path: z.array(z.string()), split: z.string() }),
});

export const megatronBridge: Exporter = {
  name: "megatron-bridge",
  unit: "tokens",

  files(manifest, options) {
    const shares = sharesOf(manifest, megatronBridge, options);
    const notes = mixtureNotes(manifest, shares, [
      "Merge into a Megatron-Bridge recipe. Each prefix stands for <prefix>.bin and <prefix>.idx.",
      "The split is of sequences for training, validation and test.",
    ]);
    const recipe = { dataset: { data_path: blendPairs(shares, options.dataRoot).flat(), split: "9999,8,2" } };
    return [{ path: "dataset.yaml", text: writeYaml(recipe, notes) }];
  },

  read: (files) => readBlend(readYaml(files, "dataset.yaml", Recipe).dataset.data_path, "dataset.yaml"),
};
