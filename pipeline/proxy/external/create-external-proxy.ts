import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { rm } from "node:fs/promises";
import { ClimbError, ConfigError, DiskFullError } from "../../core/errors.ts";
import type { ExternalProxyConfig } from "../../schema/proxy-config.ts";
import { checkInput } from "../check-input.ts";
import type { Proxy, ProxyInput, ProxyResult } from "../proxy.ts";
import { externalIdentity } from "./external-identity.ts";
import { readTaskScores } from "./lm-eval.ts";
import { resultName, resumableExitCode, type TrainerResult } from "./protocol.ts";
import { BadResultError, type Expected, readResult } from "./read-result.ts";
import { type Ending, runCommand, tailOf } from "./run-command.ts";
import { type SharedFiles, writeRequest, writeShared } from "./write-request.ts";

export interface ExternalProxyFiles {
  /** For what all mixtures share, and for mixtures that come without a folder of their own. */
  readonly folder: string;
  readonly tokenizerFolder: string | null;
  /** float32 .npy that every training starts from; left out, the trainer starts as it likes. */
  readonly initialParameters?: string;
}

/**
 * A model that a command trains: PyTorch on a GPU, a job on another machine. The command gets the plan of every batch in
 * files (see protocol.ts) and leaves a result. One that is there already is taken; `evaluate` may be called for several
 * mixtures at once.
 *
 * @throws InputError if tokens do not fit; ConfigError if the text has no end-of-document tokens
 */
export function createExternalProxy(
  input: ProxyInput,
  config: ExternalProxyConfig,
  { folder, tokenizerFolder, initialParameters }: ExternalProxyFiles,
): Proxy {
  checkInput(input);
  const { endOfDocument, targets } = input;
  if (endOfDocument === undefined) {
    throw new ConfigError(
      "an external proxy needs to know which token ends a document",
      "give the run a proxyTokenizer, for example { kind: bpe }",
    );
  }
  const { contextTokens, batchSequences, settings, startFrom } = config;
  const job = {
    shape: { contextTokens, batchSequences },
    settings,
    tokenizerFolder,
    initialParameters: initialParameters ?? null,
    // The trainer may run elsewhere, with another working directory.
    startFrom: startFrom !== null && existsSync(startFrom) ? resolve(startFrom) : startFrom,
  };
  let shared: Promise<SharedFiles> | undefined;

  return {
    identity: externalIdentity(config),
    async evaluate(weights, signal, keepDir = join(folder, "trainings")) {
      signal?.throwIfAborted();
      shared ??= writeShared(join(folder, "shared"), input);
      const written = await writeRequest(keepDir, { ...input, endOfDocument }, await shared, weights, job);
      const { request, plan } = written;
      const expected = {
        requestHash: request.requestHash,
        tokens: request.budget.tokens,
        targets: targets.map(({ name, documentEnds }) => ({ name, documents: documentEnds.length })),
      };
      const result = await train(written.folder, expected, config, signal);
      const found: ProxyResult = {
        targets: targets.map(({ name }) => {
          const { documentNats } = result.targets.find((target) => target.name === name)!;
          return { name, documentNats: Float64Array.from(documentNats) };
        }),
        drawnTokens: plan.drawnTokens,
        epochs: plan.epochs,
      };
      if (result.trainingNats !== undefined) found.trainingNats = result.trainingNats;
      const scores = {
        ...result.taskScores,
        ...(await readTaskScores(written.folder, config.harnessResults)),
      };
      if (Object.keys(scores).length > 0) found.taskScores = scores;
      return found;
    },
  };
}

/** Runs the command until there is a result, or it has failed too often. */
async function train(
  folder: string,
  expected: Expected,
  config: ExternalProxyConfig,
  signal: AbortSignal | undefined,
): Promise<TrainerResult> {
  const path = join(folder, resultName);
  const before = await readResult(path, expected).catch((error: unknown) => {
    // What an earlier run was told of; this one trains it again.
    if (!(error instanceof BadResultError)) throw error;
    return undefined;
  });
  if (before !== undefined) return before;
  let failures = 0;
  let resumed = 0;
  for (;;) {
    await rm(path, { force: true });
    const ending = await runCommand(folder, config, signal);
    signal?.throwIfAborted();
    if (ending.exitCode === resumableExitCode && !ending.timedOut && resumed++ < mostResumes) continue;
    let problem: string;
    let hint = `look at ${ending.log}; what is done is kept, run the same command again`;
    try {
      const result = ending.exitCode === 0 && !ending.timedOut ? await readResult(path, expected) : undefined;
      if (result !== undefined) return result;
      problem = await describeEnding(ending, path);
    } catch (error) {
      if (!(error instanceof BadResultError)) throw error;
      problem = error.message;
      hint = `${error.hint}; ${hint}`;
    }
    if (ending.exitCode === diskFullExitCode) throw new DiskFullError(problem, hint);
    if (failures++ === config.retries) {
      throw new TrainerError(
        `the trainer failed ${failures} time${failures === 1 ? "" : "s"}: ${problem}`,
        hint,
      );
    }
  }
}

/** The trainer failed as often as it may in one go. Not an IncompleteError: its shard would be continued again and again. */
export class TrainerError extends ClimbError {}

/** A trainer that is preempted for ever makes no headway. */
const mostResumes = 1000;

const diskFullExitCode = 28;

async function describeEnding(ending: Ending, path: string): Promise<string> {
  const said = await tailOf(ending.log);
  const what =
    ending.exitCode === 0 && !ending.timedOut
      ? `it ended with exit code 0 but wrote no ${path}`
      : ending.reason;
  return said === "" ? what : `${what}; the end of its log:\n${said}`;
}
