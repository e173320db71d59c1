/**
 * Hugging Face nanotron: the `data_stages` of a config. Weights count sequences of tokens. Only lists of folders and
 * weights are read: the documented mapping of folder to weight is rejected by nanotron's own parser, and without
 * dataset_weights the folders are mixed by size.
 */
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { domainOfPath, domainPath } from "./domain-path.ts";
import { readYaml } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { mixtureNotes } from "./notes.ts";
import { sharesOf } from "./shares.ts";
import { fixed, writeYaml } from "./write-yaml.ts";

const Stages = z.strictObject({
  data_stages: z
    .array(
      z.strictObject({
        name: z.string(),
        start_training_step: z.literal(1, {
          error: "should be 1: nanotron wants a stage from the first step on",
        }),
        data: z.strictObject({
          dataset: z.strictObject({
            dataset_folder: z.array(z.string(), {
              error: "should be a list; nanotron cannot match a mapping",
            }),
            dataset_weights: z.array(z.number(), { error: "should be a list; without it size decides" }),
          }),
          num_loading_workers: z.int(),
          seed: z.int(),
        }),
      }),
    )
    .length(1),
});

export const nanotron: Exporter = {
  name: "nanotron",
  unit: "tokens",

  files(manifest, options) {
    const shares = sharesOf(manifest, nanotron, options);
    const stage = {
      name: "climb mixture",
      start_training_step: 1,
      data: {
        dataset: {
          dataset_folder: shares.kept.map(({ domain }) => domainPath(options.dataRoot, domain.id)),
          dataset_weights: shares.kept.map(({ text }) => fixed(text)),
        },
        num_loading_workers: 1,
        seed: manifest.lineage.seed,
      },
    };
    const notes = mixtureNotes(manifest, shares, [
      "The section data_stages of a nanotron config. Folders hold datatrove's *.ds, *.ds.index and *.ds.metadata.",
    ]);
    return [{ path: "data_stages.yaml", text: writeYaml({ data_stages: [stage] }, notes) }];
  },

  read(files) {
    const { dataset_folder: folders, dataset_weights: weights } = readYaml(files, "data_stages.yaml", Stages)
      .data_stages[0]!.data.dataset;
    if (folders.length !== weights.length) {
      throw new InputError(
        `data_stages.yaml: ${folders.length} folders have ${weights.length} weights; nanotron stops`,
      );
    }
    return folders.map((folder, i) => ({ domain: domainOfPath(folder), share: weights[i]! }));
  },
};
