/** Trainings shared out over processes, each kept in a file, so that the benchmark may be stopped and gone on with. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../../pipeline/core/atomic-file.ts";
import { hashJson } from "../../../pipeline/core/hash.ts";
import { mixtureKey } from "../../../pipeline/mixture/key.ts";
import { type ModelName, models } from "./setting.ts";

/** Raised when the same training gives other numbers. */
const version = 1;

export interface Training {
  readonly model: ModelName;
  readonly weights: readonly number[];
  readonly seed: string;
}

export interface TrainingAnswer {
  /** By target, then document of the model's side. */
  readonly documentNats: readonly (readonly number[])[];
  readonly cpuSeconds: number;
}

/** The time that was given is over; what is trained is kept. */
export class OutOfTime extends Error {}

export class Measurer {
  readonly #cache: string;
  readonly #hash: string;
  readonly #deadline: number;
  readonly #size: number;
  #workers: ChildProcess[] = [];

  /** @param hash of the text @param deadline of Date.now(), after which no training begins */
  constructor(cache: string, hash: string, workers: number, deadline: number) {
    this.#cache = cache;
    this.#hash = hash;
    this.#deadline = deadline;
    this.#size = workers;
  }

  /** Answers in the trainings' order. @throws OutOfTime if one had to be begun after the deadline */
  async measure(trainings: readonly Training[]): Promise<TrainingAnswer[]> {
    const kept = await Promise.all(trainings.map((training) => this.#kept(training)));
    const missing = [...trainings.keys()].filter((i) => kept[i] === undefined);
    if (missing.length > 0 && this.#workers.length === 0) await this.#start();
    await Promise.all(
      this.#workers.map(async (worker) => {
        for (let i = missing.shift(); i !== undefined; i = missing.shift()) {
          if (Date.now() > this.#deadline) throw new OutOfTime();
          kept[i] = await this.#train(worker, trainings[i]!);
        }
      }),
    );
    return kept as TrainingAnswer[];
  }

  close(): void {
    for (const worker of this.#workers) worker.kill();
  }

  async #start(): Promise<void> {
    const script = join(import.meta.dirname, "train.worker.js");
    this.#workers = Array.from({ length: this.#size }, () => fork(script));
    await Promise.all(this.#workers.map(nextMessage));
  }

  async #train(worker: ChildProcess, training: Training): Promise<TrainingAnswer> {
    worker.send(training);
    const answer = (await nextMessage(worker)) as TrainingAnswer;
    await writeFileAtomic(this.#pathOf(training), `${JSON.stringify(answer)}\n`);
    return answer;
  }

  async #kept(training: Training): Promise<TrainingAnswer | undefined> {
    try {
      return JSON.parse(await readFile(this.#pathOf(training), "utf8")) as TrainingAnswer;
    } catch {
      return undefined;
    }
  }

  #pathOf({ model, weights, seed }: Training): string {
    const key = hashJson({
      version,
      text: this.#hash,
      model: models[model],
      seed,
      mixture: mixtureKey(weights),
    });
    return join(this.#cache, `${model}-${key.slice(0, 16)}.json`);
  }
}

async function nextMessage(worker: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const ended = once(worker, "exit", over).then(([code]) => {
    throw new Error(`a training process ended with ${String(code)}; run the benchmark again to go on`);
  });
  try {
    const [message] = (await Promise.race([once(worker, "message", over), ended])) as [unknown];
    return message;
  } finally {
    ended.catch(() => {});
    over.abort();
  }
}
