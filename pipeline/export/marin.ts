/**
 * Marin (today's Levanter): LmDataConfig. Weights count sequences of tokens. A component without a weight is left out
 * silently, and without train_weights all components weigh the same.
 */
import { z } from "zod";
import { domainPath } from "./domain-path.ts";
import { readYaml } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { blockSequences, blockWeights, drawnInBlocks } from "./levanter-blocks.ts";
import { mixtureNotes } from "./notes.ts";
import { sharesOf } from "./shares.ts";
import { writeYaml } from "./write-yaml.ts";

const Component = z.strictObject({
  source: z.strictObject({ type: z.literal("url"), train_urls: z.array(z.string()).min(1) }),
});
const Config = z.strictObject({
  data: z
    .strictObject({
      components: z.record(z.string(), Component),
      train_weights: z.record(z.string(), z.number(), {
        error: "should map domains to weights; without it all weigh the same",
      }),
      stop_strategy: z
        .literal("restart", { error: "should be restart, or a small domain ends the run" })
        .default("restart"),
      mixture_block_size: z.int().min(1).default(2048),
      shuffle: z.literal(true),
    })
    .refine(
      ({ components, train_weights }) =>
        Object.keys(components).toSorted().join("\n") === Object.keys(train_weights).toSorted().join("\n"),
      "components and train_weights should name the same domains",
    ),
});

export const marin: Exporter = {
  name: "marin",
  unit: "tokens",
  steps: blockSequences,

  files(manifest, options) {
    const shares = sharesOf(manifest, marin, options);
    const data = {
      components: Object.fromEntries(
        shares.kept.map(({ domain }) => [
          domain.id,
          { source: { type: "url", train_urls: [`${domainPath(options.dataRoot, domain.id)}/*.jsonl`] } },
        ]),
      ),
      train_weights: blockWeights(shares),
      stop_strategy: "restart",
      mixture_block_size: blockSequences,
      shuffle: true,
    };
    const notes = mixtureNotes(manifest, shares, [
      "Merge into a Marin (Levanter) config; add data.tokenizer and data.cache_dir.",
    ]);
    return [{ path: "data.yaml", text: writeYaml({ data }, notes) }];
  },

  read(files) {
    const { data } = readYaml(files, "data.yaml", Config);
    return drawnInBlocks(data.train_weights, data.mixture_block_size, "data.yaml");
  },
};
