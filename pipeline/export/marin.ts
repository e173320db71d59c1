/**
 * Marin (today's Levanter): LmDataConfig. Weights count sequences of tokens. A component without a weight is left out
 * silently, and without train_weights all components weigh the same. A list of [step, weights] changes the mixture during
 * training; steps become sequences by the batch size, and MixtureDataset asserts that they lie at a block's beginning.
 */
import { z } from "zod";
import { ConfigError, InputError } from "../core/errors.ts";
import { domainPath } from "./domain-path.ts";
import { readYaml } from "./exported-file.ts";
import type { Exporter, ExportFile, ExportOptions } from "./exporter.ts";
import { blockSequences, blockWeights, drawnInBlocks } from "./levanter-blocks.ts";
import { mixtureNotes, phaseNotes } from "./notes.ts";
import { tokensOfStep } from "./phase-steps.ts";
import { sharesOf } from "./shares.ts";
import { writeYaml } from "./write-yaml.ts";

const Component = z.strictObject({
  source: z.strictObject({ type: z.literal("url"), train_urls: z.array(z.string()).min(1) }),
});
const Weights = z.record(z.string(), z.number());
const Schedule = z.array(z.tuple([z.int(), Weights])).min(1);
const Config = z.strictObject({
  data: z
    .strictObject({
      components: z.record(z.string(), Component),
      train_weights: z.union([Weights, Schedule], {
        error: "should map domains to weights, or list such maps with steps; without it all weigh the same",
      }),
      stop_strategy: z
        .literal("restart", { error: "should be restart, or a small domain ends the run" })
        .default("restart"),
      mixture_block_size: z.int().min(1).default(2048),
      shuffle: z.literal(true),
    })
    .refine(
      ({ components, train_weights }) =>
        Object.keys(components).toSorted().join("\n") === weighted(train_weights).toSorted().join("\n"),
      "components and train_weights should name the same domains",
    ),
});

const usage = "Merge into a Marin (Levanter) config; add data.tokenizer and data.cache_dir.";

export const marin: Exporter = {
  name: "marin",
  unit: "tokens",
  steps: blockSequences,

  files(manifest, options) {
    const shares = sharesOf(manifest, marin, options);
    const ids = shares.kept.map(({ domain }) => domain.id);
    return dataFile(ids, blockWeights(shares), options, mixtureNotes(manifest, shares, [usage]));
  },

  read(files) {
    const { train_weights: weights, mixture_block_size: block } = readYaml(files, "data.yaml", Config).data;
    if (!Array.isArray(weights)) return drawnInBlocks(weights, block, "data.yaml");
    throw new InputError(`data.yaml holds ${weights.length} steps of weights, but the mixture is one`);
  },

  phased: {
    stepsBetween: (options) => blockSequences / commonPowerOfTwo(batchSequences(options), blockSequences),

    files(phases, startSteps, options) {
      const shares = phases.map(({ manifest }) => sharesOf(manifest, marin, options));
      const ids = new Set(shares.flatMap(({ kept }) => kept.map(({ domain }) => domain.id)));
      const weights = shares.map((of, i) => [startSteps[i], blockWeights(of)]);
      return dataFile([...ids], weights, options, phaseNotes(phases, shares, startSteps, options, [usage]));
    },

    read(files, options) {
      const { train_weights: weights, mixture_block_size: block } = readYaml(files, "data.yaml", Config).data;
      if (!Array.isArray(weights)) throw new InputError("data.yaml holds one mixture for the whole run");
      return weights.map(([startStep, of], i) => {
        const sequence = startStep * batchSequences(options);
        const after = i === 0 ? -1 : weights[i - 1]![0];
        if (sequence % block !== 0 || startStep <= after || (i === 0 && startStep !== 0)) {
          throw new InputError(
            `data.yaml: the weights of step ${startStep} begin at sequence ${sequence}; MixtureDataset asserts that the first ` +
              `begin at 0, the others later and at multiples of ${block}`,
          );
        }
        const drawn = Object.fromEntries(Object.entries(of).filter(([, weight]) => weight > 0));
        return { startStep, shares: drawnInBlocks(drawn, block, "data.yaml") };
      });
    },
  },
};

function dataFile(
  ids: readonly string[],
  weights: unknown,
  { dataRoot }: ExportOptions,
  notes: readonly string[],
): ExportFile[] {
  const data = {
    components: Object.fromEntries(
      ids.map((id) => [id, { source: { type: "url", train_urls: [`${domainPath(dataRoot, id)}/*.jsonl`] } }]),
    ),
    train_weights: weights,
    stop_strategy: "restart",
    mixture_block_size: blockSequences,
    shuffle: true,
  };
  return [{ path: "data.yaml", text: writeYaml({ data }, notes) }];
}

/** Domains with a weight at some step. */
function weighted(weights: z.output<typeof Weights> | z.output<typeof Schedule>): string[] {
  const maps = Array.isArray(weights) ? weights.map(([, of]) => of) : [weights];
  return [...new Set(maps.flatMap((of) => Object.keys(of)))];
}

/** Sequences of one step. */
function batchSequences(options: ExportOptions): number {
  const batchTokens = tokensOfStep(options);
  const sequences = batchTokens / options.sequenceTokens;
  if (Number.isInteger(sequences)) return sequences;
  throw new ConfigError(
    `export.batchTokens=${batchTokens} should be a multiple of export.sequenceTokens=${options.sequenceTokens}`,
    "a step takes whole sequences",
  );
}

/** Largest power of two that divides both; `power` is one. */
function commonPowerOfTwo(value: number, power: number): number {
  let common = 1;
  while (common < power && value % (2 * common) === 0) common *= 2;
  return common;
}
