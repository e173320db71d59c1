/**
 * OLMo-core: a SourceMixtureList. target_ratio counts tokens and must sum to 1; a source with too few tokens for its
 * ratio at max_repetition_ratio (1 if left out) stops the build with "Insufficient tokens".
 */
import { z } from "zod";
import { domainOfPath, domainPath } from "./domain-path.ts";
import { readYaml } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { mixtureNotes } from "./notes.ts";
import { repetitionLimit, sharesOf } from "./shares.ts";
import { fixed, writeYaml } from "./write-yaml.ts";

const Mixture = z.strictObject({
  sources: z
    .array(
      z
        .strictObject({
          source_name: z.string(),
          // validate() lets 0 pass, and still counts the tokens of the source's files.
          target_ratio: z.number().gt(0).max(1),
          paths: z.array(z.string()).length(1),
          max_repetition_ratio: z.number().min(1).default(1),
          max_source_fraction: z.literal(1).default(1),
        })
        .refine(
          ({ source_name, paths }) => domainOfPath(paths[0]!) === source_name,
          "source_name should be the folder that paths names",
        ),
    )
    .min(1),
});

export const olmoCore: Exporter = {
  name: "olmo-core",
  unit: "tokens",

  files(manifest, options) {
    const shares = sharesOf(manifest, olmoCore, options);
    const sources = shares.kept.map((kept) => ({
      source_name: kept.domain.id,
      target_ratio: fixed(kept.text),
      paths: [`${domainPath(options.dataRoot, kept.domain.id)}/*.npy`],
      max_repetition_ratio: fixed(repetitionLimit(kept, manifest)),
    }));
    const notes = mixtureNotes(manifest, shares, [
      "Read with SourceMixtureList.from_yaml and give it to SourceMixtureDatasetConfig(source_list=...)",
      `with requested_tokens=${manifest.budget.targetTokens}: the repetition limits are for that many.`,
      "An .npy file is raw token ids without numpy's header.",
    ]);
    return [{ path: "mixture.yaml", text: writeYaml({ sources }, notes) }];
  },

  read(files) {
    return readYaml(files, "mixture.yaml", Mixture).sources.map((source) => ({
      domain: source.source_name,
      share: source.target_ratio,
      maxEpochs: source.max_repetition_ratio,
    }));
  },
};
