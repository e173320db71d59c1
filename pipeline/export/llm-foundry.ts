/**
 * llm-foundry (MosaicML streaming): the `train_loader` of a config. `proportion` counts samples, which are sequences of
 * tokens in a tokenised MDS dataset. Without epoch_size an epoch keeps the old total of samples, and a small stream is
 * repeated many times to fill its proportion (llm-foundry issue 426).
 */
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import type { Manifest } from "../schema/manifest.ts";
import { domainOfPath, domainPath } from "./domain-path.ts";
import { readYaml } from "./exported-file.ts";
import type { Exporter, ExportOptions } from "./exporter.ts";
import { mixtureNotes } from "./notes.ts";
import { sharesOf } from "./shares.ts";
import { fixed, writeYaml } from "./write-yaml.ts";

const Stream = z.strictObject({
  local: z.string(),
  split: z.literal("train"),
  // On all streams, and never beside repeat or choose.
  proportion: z.number({ error: "should be a number: a stream without one is not mixed by its share" }),
});
const Config = z.strictObject({
  train_loader: z.strictObject({
    name: z.literal("text"),
    dataset: z.strictObject({
      shuffle: z.literal(true),
      epoch_size: z.int({ error: "should be a number: without it an epoch keeps the old total of samples" }),
      streams: z.record(z.string(), Stream),
    }),
  }),
});

export const llmFoundry: Exporter = {
  name: "llm-foundry",
  unit: "tokens",

  files(manifest, options) {
    const shares = sharesOf(manifest, llmFoundry, options);
    const streams = Object.fromEntries(
      shares.kept.map(({ domain, text }) => [
        domain.id,
        { local: domainPath(options.dataRoot, domain.id), split: "train", proportion: fixed(text) },
      ]),
    );
    const notes = mixtureNotes(manifest, shares, [
      "Merge into an llm-foundry config; add max_seq_len and remote: where the streams are.",
      `Each stream is a tokenised MDS dataset of sequences of ${options.sequenceTokens} tokens (convert_dataset_hf.py --concat_tokens);`,
      "in one of raw text the proportions would count documents. One epoch is the whole run: max_duration: 1ep.",
    ]);
    const dataset = { shuffle: true, epoch_size: epochSequences(manifest, options), streams };
    return [
      { path: "train_loader.yaml", text: writeYaml({ train_loader: { name: "text", dataset } }, notes) },
    ];
  },

  read(files, manifest, options) {
    const { dataset } = readYaml(files, "train_loader.yaml", Config).train_loader;
    const expected = epochSequences(manifest, options);
    if (dataset.epoch_size !== expected) {
      throw new InputError(
        `train_loader.yaml: epoch_size is ${dataset.epoch_size}, but the mixture is for ${expected} sequences`,
      );
    }
    return Object.entries(dataset.streams).map(([domain, { local, proportion }]) => {
      if (domainOfPath(local) !== domain) {
        throw new InputError(`train_loader.yaml: the stream ${domain} reads ${local}`);
      }
      return { domain, share: proportion };
    });
  },
};

function epochSequences({ budget }: Manifest, { sequenceTokens }: ExportOptions): number {
  return Math.max(1, Math.round(budget.targetTokens / sequenceTokens));
}
