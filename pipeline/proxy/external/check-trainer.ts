import { watch } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../math/random.ts";
import type { ProxyDomain, ProxyInput, ProxyTarget } from "../proxy.ts";
import type { SequenceShape } from "../token-plan.ts";
import { resultName, resumableExitCode, type TrainerResult } from "./protocol.ts";
import { type Expected, readResult } from "./read-result.ts";
import { type CommandOptions, type Ending, runCommand, tailOf } from "./run-command.ts";
import { type TrainerJob, writeRequest, writeShared } from "./write-request.ts";

export interface TrainerCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

/** How far two trainings of one request may differ: sums on a GPU have no fixed order. */
const tolerance = 1e-3;

/** A trainer that ends before it can be interrupted gets a job so many times longer. */
const longer = 8;
const mostSteps = 20_000;

/**
 * Runs a trainer on tiny jobs and says, one by one, whether it keeps the protocol.
 *
 * @param folder For the jobs; what is in it goes.
 * @param settings request.settings
 * @param checkpoint request.startFrom of one more job, which has to end elsewhere for it
 */
export async function* checkTrainer(
  folder: string,
  options: CommandOptions,
  settings: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
  checkpoint?: string,
): AsyncGenerator<TrainerCheck> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const kit = new Kit(folder, options, settings, signal);

  const first = await kit.run("first", [0.5, 0.3, 0.2], 40);
  yield {
    name: "trains a tiny job and leaves a whole result",
    passed: first.result !== undefined,
    detail: first.problem ?? `${first.seconds.toFixed(1)} s`,
  };
  if (first.result === undefined) return;
  yield {
    name: "writes the result under another name and renames it",
    passed: !first.writtenInPlace,
    detail: first.writtenInPlace ? `${resultName} was written in place: a reader may see half of it` : "",
  };
  const uniform = Math.log(vocabularySize);
  const learned = natsPerToken(first.result);
  yield {
    name: "learns: the target's loss is below a uniform guess",
    passed: learned < uniform,
    detail: `${learned.toFixed(3)} nats per token, uniform is ${uniform.toFixed(3)}`,
  };
  yield compare(
    "gives the same result for the same request",
    first,
    await kit.run("again", [0.5, 0.3, 0.2], 40),
  );
  const other = await kit.run("other", [0, 0, 1], 40);
  const difference = other.result === undefined ? 0 : largestDifference(first.result, other.result);
  yield {
    name: "gives another result for another mixture",
    passed: difference > 0,
    detail: other.problem ?? `the losses differ by up to ${difference.toPrecision(2)}`,
  };
  const lost = await kit.run("lost", [0.5, 0.3, 0.2], 40, { loseTokens: true });
  yield {
    name: "fails where the tokens are missing",
    passed: lost.result === undefined && lost.ending.exitCode !== 0,
    detail: lost.result === undefined ? lost.ending.reason : "it gave a result without reading them",
  };
  const nothing = await kit.run("nowhere", [0.5, 0.3, 0.2], 40, { startFrom: join(folder, "no-checkpoint") });
  yield {
    name: "fails where the checkpoint to start from is missing",
    passed: nothing.result === undefined && nothing.ending.exitCode !== 0,
    detail:
      nothing.result === undefined ? nothing.ending.reason : "it started from nothing instead: see startFrom",
  };
  if (checkpoint !== undefined) {
    const warm = await kit.run("warm", [0.5, 0.3, 0.2], 40, { startFrom: checkpoint });
    const moved = warm.result === undefined ? 0 : largestDifference(first.result, warm.result);
    yield {
      name: "starts from the checkpoint it is given",
      passed: moved > 0,
      detail:
        warm.problem ?? `the losses differ from those of the first job by up to ${moved.toPrecision(2)}`,
    };
  }
  yield* interrupted(kit, first.seconds);
}

/** SIGTERM in the middle of a training, and again from there. */
async function* interrupted(kit: Kit, firstSeconds: number): AsyncGenerator<TrainerCheck> {
  const weights = [0.4, 0.4, 0.2];
  const name = `saves on SIGTERM and ends with exit code ${resumableExitCode}`;
  let steps = 40 * longer;
  let whole = await kit.run(`whole-${steps}`, weights, steps);
  // Start-up takes as long for any job: only the time beyond the first job's is certain to be training.
  while (whole.result !== undefined && whole.seconds < firstSeconds + 1 && steps * longer <= mostSteps) {
    steps *= longer;
    whole = await kit.run(`whole-${steps}`, weights, steps);
  }
  if (whole.result === undefined) {
    yield { name, passed: false, detail: whole.problem ?? "" };
    return;
  }
  const after = (firstSeconds + whole.seconds) / 2;
  const stopped = await kit.run("stopped", weights, steps, { stopAfterSeconds: after });
  const saved = stopped.ending.exitCode === resumableExitCode;
  yield {
    name,
    passed: saved,
    detail: saved
      ? `after ${after.toFixed(1)} s of ${whole.seconds.toFixed(1)} s`
      : `${stopped.ending.reason} after SIGTERM in a job of ${steps} steps`,
  };
  if (!saved) return;
  const resumed = await kit.run("stopped", weights, steps);
  yield compare("goes on from there to the same result", whole, resumed);
}

interface Outcome {
  readonly result: TrainerResult | undefined;
  readonly problem: string | undefined;
  readonly ending: Ending;
  readonly seconds: number;
  readonly writtenInPlace: boolean;
}

const vocabularySize = 64;
const shape: SequenceShape = { contextTokens: 16, batchSequences: 8 };

class Kit {
  readonly #folder: string;
  readonly #options: CommandOptions;
  readonly #job: TrainerJob;
  readonly #signal: AbortSignal | undefined;

  constructor(
    folder: string,
    options: CommandOptions,
    settings: TrainerJob["settings"],
    signal?: AbortSignal,
  ) {
    this.#folder = folder;
    this.#options = options;
    this.#job = { shape, settings, tokenizerFolder: null, initialParameters: null, startFrom: null };
    this.#signal = signal;
  }

  /** Runs a job in its own folder; again in the same one where the name is the same. */
  async run(
    name: string,
    weights: readonly number[],
    steps: number,
    {
      loseTokens = false,
      stopAfterSeconds,
      startFrom = null,
    }: { loseTokens?: boolean; stopAfterSeconds?: number; startFrom?: string | null } = {},
  ): Promise<Outcome> {
    this.#signal?.throwIfAborted();
    const folder = join(this.#folder, name);
    const input = tinyInput(steps * shape.contextTokens * shape.batchSequences);
    const shared = await writeShared(join(folder, "shared"), input);
    const written = await writeRequest(folder, input, shared, weights, { ...this.#job, startFrom });
    if (loseTokens) for (const path of shared.domains) await rm(path);
    const expected: Expected = {
      requestHash: written.request.requestHash,
      tokens: written.request.budget.tokens,
      targets: input.targets.map(({ name, documentEnds }) => ({ name, documents: documentEnds.length })),
    };
    let writtenInPlace = false;
    // A rename is one event; writing in place is a creation, then changes.
    const watcher = watch(written.folder, (event, file) => {
      if (file === resultName && event === "change") writtenInPlace = true;
    });
    const stop = new AbortController();
    const stopping =
      stopAfterSeconds === undefined ? undefined : setTimeout(() => stop.abort(), stopAfterSeconds * 1000);
    const signals = [stop.signal, ...(this.#signal ? [this.#signal] : [])];
    const began = performance.now();
    const ending = await runCommand(written.folder, this.#options, AbortSignal.any(signals));
    const seconds = (performance.now() - began) / 1000;
    clearTimeout(stopping);
    // Events of what was just written may still be on their way.
    await sleep(50);
    watcher.close();
    this.#signal?.throwIfAborted();
    let result: TrainerResult | undefined;
    let problem: string | undefined;
    try {
      result = await readResult(join(written.folder, resultName), expected);
      if (result !== undefined && (ending.exitCode !== 0 || ending.timedOut)) {
        problem = `${ending.reason}, though it wrote a result`;
        result = undefined;
      } else if (result === undefined) {
        problem = `no ${resultName}: ${ending.reason}\n${await tailOf(ending.log)}`.trim();
      }
    } catch (error) {
      problem = (error as Error).message;
    }
    return { result, problem, ending, seconds, writtenInPlace };
  }
}

function compare(name: string, one: Outcome, other: Outcome): TrainerCheck {
  if (one.result === undefined || other.result === undefined) {
    return { name, passed: false, detail: other.problem ?? one.problem ?? "" };
  }
  const difference = largestDifference(one.result, other.result);
  return {
    name,
    passed: difference <= tolerance,
    detail:
      difference === 0 ? "to the bit" : `the losses differ by up to ${difference.toPrecision(2)}, relatively`,
  };
}

/** Of any document, relative to its nats. */
function largestDifference(one: TrainerResult, other: TrainerResult): number {
  const differences = one.targets.flatMap(({ documentNats }, t) =>
    documentNats.map((nats, d) => Math.abs(nats - other.targets[t]!.documentNats[d]!) / Math.max(1, nats)),
  );
  return Math.max(...differences);
}

function natsPerToken({ targets }: TrainerResult): number {
  const nats = targets[0]!.documentNats.reduce((sum, document) => sum + document, 0);
  return nats / tinyInput(1).targets[0]!.tokens.length;
}

/** Three made-up languages: which token follows which is up to the language. */
function tinyInput(budgetTokens: number): ProxyInput & { endOfDocument: number } {
  const domains = ["one", "two", "three"].map((id, language): ProxyDomain => ({
    id,
    ...write(language, 60, true),
  }));
  const text = write(0, 8, false);
  const target: ProxyTarget = { name: "target", ...text, documentBytes: new Uint32Array(8).fill(60) };
  const questions: ProxyTarget = {
    ...target,
    name: "questions",
    contextTokens: new Uint32Array(8).fill(20),
  };
  return {
    vocabularySize,
    endOfDocument: 0,
    domains,
    targets: [target, questions],
    budget: { targetTokens: budgetTokens, proxyTokens: null },
    seed: new Random("proxy check"),
  };
}

function write(language: number, documents: number, marked: boolean) {
  const random = new Random(`proxy check, language ${language}, ${documents}`);
  const tokens: number[] = [];
  const documentEnds: number[] = [];
  for (let d = 0; d < documents; d++) {
    if (marked) tokens.push(0);
    let token = random.below(vocabularySize - 1);
    for (let t = 0; t < 60; t++) {
      token = (token * (language + 2) + language + (random.uniform() < 0.8 ? 1 : 7)) % (vocabularySize - 1);
      tokens.push(1 + token);
    }
    documentEnds.push(tokens.length);
  }
  return { tokens: Uint16Array.from(tokens), documentEnds: Uint32Array.from(documentEnds) };
}
