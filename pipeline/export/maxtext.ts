/**
 * MaxText: the JSON of `grain_train_mixture_config_path`. Grain draws records, one document each, and stops when a domain
 * has been read num_epoch times.
 */
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { domainOfPath, domainPath } from "./domain-path.ts";
import { readJson } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { notesFile } from "./notes.ts";
import { sharesOf } from "./shares.ts";

const Mixture = z.record(z.string(), z.strictObject({ path: z.string(), weight: z.number() }));

export const maxtext: Exporter = {
  name: "maxtext",
  unit: "documents",

  files(manifest, options) {
    const shares = sharesOf(manifest, maxtext, options);
    const lines = shares.kept.map(({ domain, text }) => {
      const path = JSON.stringify(`${domainPath(options.dataRoot, domain.id)}/*.array_record`);
      return `  ${JSON.stringify(domain.id)}: {"path": ${path}, "weight": ${text}}`;
    });
    const epochs = Math.ceil(Math.max(1, ...shares.kept.map(({ domain }) => domain.epochs))) + 1;
    return [
      { path: "mixture.json", text: `{\n${lines.join(",\n")}\n}\n` },
      notesFile(manifest, shares, [
        "Pass mixture.json as grain_train_mixture_config_path, with dataset_type=grain and grain_file_type=arrayrecord.",
        `Set num_epoch=${epochs} or more: the first domain that runs out ends the mixture.`,
        "Weights are probabilities of documents: token weight / mean tokens of a document, normalised.",
      ]),
    ];
  },

  read(files) {
    return Object.entries(readJson(files, "mixture.json", Mixture)).map(([domain, { path, weight }]) => {
      if (domainOfPath(path) !== domain) throw new InputError(`mixture.json: ${domain} reads ${path}`);
      return { domain, share: weight };
    });
  },
};
