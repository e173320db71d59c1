/** Levanter up to 2025-09: the `data` section of a config. Weights count sequences of tokens. */
import { z } from "zod";
import { domainPath } from "./domain-path.ts";
import { readYaml } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { blockSequences, blockWeights, drawnInBlocks } from "./levanter-blocks.ts";
import { mixtureNotes } from "./notes.ts";
import { sharesOf } from "./shares.ts";
import { writeYaml } from "./write-yaml.ts";

const Config = z.strictObject({
  data: z
    .strictObject({
      configs: z.record(z.string(), z.strictObject({ train_urls: z.array(z.string()).min(1) })),
      train_weights: z.record(z.string(), z.number()),
      stop_strategy: z
        .literal("restart", { error: "should be restart: Levanter has no other" })
        .default("restart"),
      mixture_block_size: z.int().min(1).default(2048),
      shuffle: z.literal(true),
    })
    .refine(
      ({ configs, train_weights }) =>
        Object.keys(configs).toSorted().join("\n") === Object.keys(train_weights).toSorted().join("\n"),
      "configs and train_weights should name the same domains",
    ),
});

export const levanter: Exporter = {
  name: "levanter",
  unit: "tokens",
  steps: blockSequences,

  files(manifest, options) {
    const shares = sharesOf(manifest, levanter, options);
    const data = {
      configs: Object.fromEntries(
        shares.kept.map(({ domain }) => [
          domain.id,
          { train_urls: [`${domainPath(options.dataRoot, domain.id)}/*.jsonl`] },
        ]),
      ),
      train_weights: blockWeights(shares),
      stop_strategy: "restart",
      mixture_block_size: blockSequences,
      shuffle: true,
    };
    const notes = mixtureNotes(manifest, shares, [
      "Merge into a Levanter config; add data.tokenizer and data.cache_dir.",
    ]);
    return [{ path: "data.yaml", text: writeYaml({ data }, notes) }];
  },

  read(files) {
    const { data } = readYaml(files, "data.yaml", Config);
    return drawnInBlocks(data.train_weights, data.mixture_block_size, "data.yaml");
  },
};
