/**
 * RegMix: the YAML of model_training/pretrain/tinyllama.py. Weights count blocks of tokens. A domain's files are those
 * that start with its name, so no name may be the beginning of another: domain_1 would also read domain_10's.
 */
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { domainPath } from "./domain-path.ts";
import { readYaml } from "./exported-file.ts";
import type { Exporter } from "./exporter.ts";
import { mixtureNotes } from "./notes.ts";
import { sharesOf } from "./shares.ts";
import { fixed, writeYaml } from "./write-yaml.ts";

/** Both keys are looked up; any further one would overwrite a global of the trainer. */
const Config = z.strictObject({
  train: z.record(z.string(), z.number()),
  valid: z.record(z.string(), z.number()),
});

export const regmix: Exporter = {
  name: "regmix",
  unit: "tokens",

  files(manifest, options) {
    const shares = sharesOf(manifest, regmix, options);
    const digits = String(shares.kept.length - 1).length;
    const train = Object.fromEntries(
      shares.kept.map(({ domain, text }, i) => {
        // Not written, but ids and the data root are held to the same rules everywhere.
        domainPath(options.dataRoot, domain.id);
        return [`train_climb_${String(i).padStart(digits, "0")}_${domain.id}`, fixed(text)];
      }),
    );
    const notes = mixtureNotes(manifest, shares, [
      "Pass with --data_yaml_file. Files of a domain are called <name>-<number>.bin, in --train_data_dir;",
      "a domain with fewer files than total_devices is skipped without an error. Name validation data under valid.",
    ]);
    return [{ path: "mixture.yaml", text: writeYaml({ train, valid: {} }, notes) }];
  },

  read(files) {
    const { train } = readYaml(files, "mixture.yaml", Config);
    const names = Object.keys(train);
    for (const name of names) {
      const longer = names.find((other) => other !== name && other.startsWith(name));
      if (longer !== undefined) {
        throw new InputError(`mixture.yaml: ${name} would also read the files of ${longer}`);
      }
    }
    return Object.entries(train).map(([name, share]) => ({
      domain: name.replace(/^train_climb_\d+_/, ""),
      share,
    }));
  },
};
