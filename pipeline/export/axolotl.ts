/**
 * axolotl: `pretraining_dataset` takes only its first element and knows no weights, so that the mixture is written
 * out before and read as one stream of JSON lines. Without max_steps axolotl stops; beyond the end it begins again.
 */
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import type { Manifest } from "../schema/manifest.ts";
import { readYaml } from "./exported-file.ts";
import type { Exporter, ExportOptions } from "./exporter.ts";
import {
  materializedFiles,
  type MaterializeSettings,
  mixtureFolder,
  readMaterialized,
} from "./materialized-mixture.ts";
import { mixtureNotes } from "./notes.ts";
import { sharesOf } from "./shares.ts";
import { writeYaml } from "./write-yaml.ts";

const Config = z.strictObject({
  pretraining_dataset: z
    .array(
      z.strictObject({
        path: z.literal("json"),
        data_files: z.array(z.string()).length(1),
        split: z.literal("train"),
        type: z.literal("pretrain"),
        text_column: z.literal("text"),
      }),
    )
    .length(1, "should hold one element: axolotl reads only the first"),
  sequence_len: z.int(),
  sample_packing: z.literal(true, { error: "should be true: else a step holds one document, of any length" }),
  micro_batch_size: z.literal(1),
  gradient_accumulation_steps: z.literal(1),
  max_steps: z.int({ error: "should be a number: axolotl cannot tell the length of a stream" }),
});

export const axolotl: Exporter = {
  name: "axolotl",
  unit: "tokens",
  isMaterialized: true,

  files(manifest, options) {
    const shares = sharesOf(manifest, axolotl, options);
    const settings = settingsFor(options);
    const notes = mixtureNotes(manifest, shares, [
      "1. sh materialize.sh <run directory>   2. merge this into an axolotl config and run axolotl train.",
      `max_steps is for one GPU and sequences of ${options.sequenceTokens} tokens, one a step: divide it by GPUs *`,
      "micro_batch_size * gradient_accumulation_steps when you raise them.",
    ]);
    const config: z.output<typeof Config> = {
      pretraining_dataset: [
        {
          path: "json",
          data_files: [`${settings.folder}/*.jsonl`],
          split: "train",
          type: "pretrain",
          text_column: "text",
        },
      ],
      sequence_len: options.sequenceTokens,
      sample_packing: true,
      micro_batch_size: 1,
      gradient_accumulation_steps: 1,
      max_steps: stepsFor(manifest, options),
    };
    return [
      { path: "pretrain.yaml", text: writeYaml(config, notes) },
      ...materializedFiles(manifest, shares, settings, options),
    ];
  },

  read(files, manifest, options) {
    const settings = settingsFor(options);
    const {
      pretraining_dataset: datasets,
      max_steps: steps,
      sequence_len: sequence,
    } = readYaml(files, "pretrain.yaml", Config);
    const [path] = datasets[0]!.data_files;
    if (path !== `${settings.folder}/*.jsonl`) {
      throw new InputError(`pretrain.yaml reads ${path}, materialize.sh writes ${settings.folder}`);
    }
    if (sequence !== options.sequenceTokens || steps !== stepsFor(manifest, options)) {
      throw new InputError(
        `pretrain.yaml: ${steps} steps of ${sequence} tokens are not the mixture's ${manifest.budget.targetTokens}`,
      );
    }
    return readMaterialized(files, manifest, settings);
  },
};

function settingsFor(options: ExportOptions): MaterializeSettings {
  return { format: "jsonl", shardBytes: 100_000_000, folder: mixtureFolder("axolotl", options) };
}

function stepsFor({ budget }: Manifest, { sequenceTokens }: ExportOptions): number {
  return Math.ceil(budget.targetTokens / sequenceTokens);
}
