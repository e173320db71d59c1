/**
 * LLaMA-Factory: fields of a pre-training config, and dataset_info.json. It hands interleave_probs to Hugging Face's
 * interleave_datasets, so they are probabilities of documents. interleave_under would end at the first domain that runs
 * out; "concat", the default, refuses probabilities.
 */
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { domainOfPath, domainPath } from "./domain-path.ts";
import { readJson, readYaml } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { mixtureNotes } from "./notes.ts";
import { requireSumForNumpy } from "./numpy-choice.ts";
import { sharesOf } from "./shares.ts";
import { writeYaml } from "./write-yaml.ts";

const Config = z.strictObject({
  stage: z.literal("pt"),
  dataset: z.string(),
  mix_strategy: z.literal("interleave_over", {
    error:
      "should be interleave_over: concat refuses probabilities, interleave_under stops at the first domain's end",
  }),
  interleave_probs: z.string({ error: "should be text: numbers separated by commas" }),
  streaming: z.literal(true),
  seed: z.int(),
});

const DatasetInfo = z.record(
  z.string(),
  z.strictObject({ file_name: z.string(), columns: z.strictObject({ prompt: z.literal("text") }) }),
);

export const llamaFactory: Exporter = {
  name: "llama-factory",
  unit: "documents",

  files(manifest, options) {
    const shares = sharesOf(manifest, llamaFactory, options);
    const config = {
      stage: "pt",
      dataset: shares.kept.map(({ domain }) => domain.id).join(","),
      mix_strategy: "interleave_over",
      interleave_probs: shares.kept.map(({ text }) => text).join(","),
      streaming: true,
      seed: manifest.lineage.seed,
    };
    const info = Object.fromEntries(
      shares.kept.map(({ domain }) => [
        domain.id,
        { file_name: domainPath(options.dataRoot, domain.id), columns: { prompt: "text" } },
      ]),
    );
    const notes = mixtureNotes(manifest, shares, [
      "Merge into a LLaMA-Factory config; add max_steps, and dataset_dir: the folder of dataset_info.json.",
      "interleave_probs are of documents: token weight / mean tokens of a document, normalised.",
    ]);
    return [
      { path: "pretrain.yaml", text: writeYaml(config, notes) },
      { path: "dataset_info.json", text: `${JSON.stringify(info, undefined, 2)}\n` },
    ];
  },

  read(files) {
    const config = readYaml(files, "pretrain.yaml", Config);
    const info = readJson(files, "dataset_info.json", DatasetInfo);
    const domains = config.dataset.split(",");
    const probabilities = config.interleave_probs.split(",");
    if (domains.length !== probabilities.length) {
      throw new InputError(
        `pretrain.yaml: ${domains.length} datasets have ${probabilities.length} probabilities; LLaMA-Factory stops`,
      );
    }
    const shares = domains.map((domain, i) => {
      const { file_name: folder } = info[domain] ?? {};
      if (folder === undefined) throw new InputError(`dataset_info.json does not define ${domain}`);
      if (domainOfPath(folder) !== domain)
        throw new InputError(`dataset_info.json: ${domain} reads ${folder}`);
      return { domain, share: Number(probabilities[i]) };
    });
    requireSumForNumpy(shares, "pretrain.yaml");
    return shares;
  },
};
