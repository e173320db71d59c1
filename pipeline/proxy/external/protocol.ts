/**
 * What a trainer in another process is given, and what it gives back. It is started as
 *
 *   COMMAND --request JOB/request.json --out JOB
 *
 * and writes JOB/result.json under another name first and renames it. Arrays are .npy files, little-endian, so that
 * numpy.load(..., mmap_mode="r") is all it takes to read them. It may keep whatever it likes in JOB. On SIGTERM it saves what
 * it needs to go on and ends with exit code 75; started again with the same request it goes on from there. The same
 * request gives the same result.
 */
import { z } from "zod";
import { hashJson } from "../../core/hash.ts";

export const requestName = "request.json";
export const resultName = "result.json";

/** Exit code of a trainer that can go on when it is started again (sysexits.h: EX_TEMPFAIL). */
export const resumableExitCode = 75;

const path = z.string();

export const TrainerRequest = z.strictObject({
  formatVersion: z.literal(1),
  /** sha256 of the canonical JSON of what decides the result; to be repeated in it. */
  requestHash: z.string(),
  /** For whatever the plan leaves to chance. */
  seed: z.int(),
  /** Domain to token share, in the run's tokenizer. */
  mixture: z.record(z.string(), z.number()),
  tokenizer: z.strictObject({
    vocabularySize: z.int(),
    /** The token that stands before every document. */
    endOfDocument: z.int(),
    /** tokenizer.json and tokenizer_config.json are in it; null where the proxies read the run's own tokens. */
    folder: path.nullable(),
  }),
  budget: z.strictObject({
    /** Tokens to train on: steps * batchSequences * contextTokens. */
    tokens: z.int(),
    steps: z.int(),
    batchSequences: z.int(),
    contextTokens: z.int(),
  }),
  /** In the order in which the plan numbers them. */
  domains: z.array(
    z.strictObject({
      id: z.string(),
      /** uint16 or uint32: documents end to end. */
      tokens: path,
      /** Token t of a sequence at `position` is tokens[(poolStart + (position + t) mod poolTokens) mod tokens.length]. */
      poolStart: z.int(),
      poolTokens: z.int(),
      drawnTokens: z.int(),
      epochs: z.number(),
    }),
  ),
  /** uint32 [steps * batchSequences, 2], step after step: the sequence's domain and its position. */
  sequences: path,
  /** What to measure at the end. */
  targets: z.array(
    z.strictObject({
      name: z.string(),
      tokens: path,
      /** uint32: exclusive end of each document in `tokens`. */
      documentEnds: path,
      /** uint32: tokens of each document that are given, not predicted; null where all are predicted. */
      contextTokens: path.nullable(),
    }),
  ),
  /** float32, flat: parameters to start from; null leaves them to trainer and seed. */
  initialParameters: path.nullable(),
  /**
   * search.proxy.startFrom of the config: a checkpoint of the trainer's own kind to start from instead of random parameters.
   * A trainer that cannot open it fails; it does not start from nothing.
   */
  startFrom: z.string().nullable(),
  /** search.proxy.settings of the config, as they are. */
  settings: z.record(z.string(), z.unknown()),
});

export const TrainerResult = z.object({
  formatVersion: z.literal(1),
  requestHash: z.string(),
  tokensSeen: z.int().min(0),
  seconds: z.number().min(0),
  /** -ln p of each document's predicted tokens, in nats. */
  targets: z.array(z.object({ name: z.string(), documentNats: z.array(z.number()) })),
  /** Nats per training token, step after step or averaged over equal stretches. */
  trainingNats: z.array(z.number()).optional(),
  /** Any task's score, higher is better. */
  taskScores: z.record(z.string(), z.number()).optional(),
});

export type TrainerRequest = z.infer<typeof TrainerRequest>;
export type TrainerResult = z.infer<typeof TrainerResult>;

/**
 * @param request Its paths may differ between machines.
 * @param contents Hashes of what the paths lead to.
 */
export function hashRequest(
  request: Omit<TrainerRequest, "requestHash">,
  contents: readonly string[],
): string {
  const { tokenizer, domains, sequences: _, targets, initialParameters: __, ...rest } = request;
  return hashJson({
    ...rest,
    tokenizer: { ...tokenizer, folder: null },
    domains: domains.map(({ tokens: _, ...domain }) => domain),
    targets: targets.map(({ name }) => name),
    contents,
  });
}
