/**
 * Hugging Face nanotron: the `data_stages` of a config. Weights count sequences of tokens. Only lists of folders and
 * weights are read: the documented mapping of folder to weight is rejected by nanotron's own parser, and without
 * dataset_weights the folders are mixed by size.
 */
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { domainOfPath, domainPath } from "./domain-path.ts";
import { readYaml } from "./exported-file.ts";
import type { Exporter, ExportFile, ExportOptions, PhaseMixture, ReadPhase } from "./exporter.ts";
import { mixtureNotes, phaseNotes } from "./notes.ts";
import { tokensOfStep } from "./phase-steps.ts";
import { type Shares, sharesOf } from "./shares.ts";
import { fixed, writeYaml } from "./write-yaml.ts";

const Stages = z.strictObject({
  data_stages: z
    .array(
      z.strictObject({
        name: z.string(),
        start_training_step: z.int(),
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
    .min(1),
});

const usage =
  "The section data_stages of a nanotron config. Folders hold datatrove's *.ds, *.ds.index and *.ds.metadata.";

export const nanotron: Exporter = {
  name: "nanotron",
  unit: "tokens",

  files(manifest, options) {
    const shares = sharesOf(manifest, nanotron, options);
    const stage = stageOf("climb mixture", 0, shares, options, manifest.lineage.seed);
    return stagesFile([stage], mixtureNotes(manifest, shares, [usage]));
  },

  read(files) {
    const [phase, ...others] = readStages(files);
    if (others.length === 0) return [...phase!.shares];
    throw new InputError(`data_stages.yaml holds ${others.length + 1} stages, but the mixture is one`);
  },

  phased: {
    stepsBetween(options) {
      tokensOfStep(options);
      return 1;
    },

    files(phases, startSteps, options) {
      const shares = phases.map(({ manifest }) => sharesOf(manifest, nanotron, options));
      // A stage reads its folders from their beginning: another seed, another order.
      const stages = phases.map(({ name, manifest }, i) =>
        stageOf(name, startSteps[i]!, shares[i]!, options, manifest.lineage.seed + i),
      );
      return stagesFile(stages, phaseNotes(phases, shares, startSteps, options, [usage]));
    },

    read: readStages,
  },
};

function stageOf(
  name: PhaseMixture["name"],
  stepsBefore: number,
  { kept }: Shares,
  { dataRoot }: ExportOptions,
  seed: number,
): object {
  return {
    name,
    start_training_step: stepsBefore + 1,
    data: {
      dataset: {
        dataset_folder: kept.map(({ domain }) => domainPath(dataRoot, domain.id)),
        dataset_weights: kept.map(({ text }) => fixed(text)),
      },
      num_loading_workers: 1,
      seed,
    },
  };
}

function stagesFile(stages: readonly object[], notes: readonly string[]): ExportFile[] {
  return [{ path: "data_stages.yaml", text: writeYaml({ data_stages: stages }, notes) }];
}

/** As Config.__post_init__ takes them: sorted by step, names and steps unique, one from the first step on. */
function readStages(files: readonly ExportFile[]): ReadPhase[] {
  const stages = readYaml(files, "data_stages.yaml", Stages).data_stages.toSorted(
    (left, right) => left.start_training_step - right.start_training_step,
  );
  if (stages[0]!.start_training_step !== 1) {
    throw new InputError(
      `data_stages.yaml: the first stage starts at step ${stages[0]!.start_training_step}; nanotron wants a stage from the first step on, which is 1`,
    );
  }
  for (const key of ["name", "start_training_step"] as const) {
    if (new Set(stages.map((stage) => stage[key])).size === stages.length) continue;
    throw new InputError(`data_stages.yaml: two stages have the same ${key}; nanotron stops`);
  }
  return stages.map(({ start_training_step, data: { dataset } }) => {
    const { dataset_folder: folders, dataset_weights: weights } = dataset;
    if (folders.length !== weights.length) {
      throw new InputError(
        `data_stages.yaml: ${folders.length} folders have ${weights.length} weights; nanotron stops`,
      );
    }
    return {
      startStep: start_training_step - 1,
      shares: folders.map((folder, i) => ({ domain: domainOfPath(folder), share: weights[i]! })),
    };
  });
}
