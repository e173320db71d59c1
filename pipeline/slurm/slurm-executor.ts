import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { attemptId, writeFileAtomic } from "../core/atomic-file.ts";
import type { Executor, ShardState, StepJob } from "../core/executor.ts";
import type { SlurmConfig } from "../schema/slurm-config.ts";
import { arrayWindows } from "./array-windows.ts";
import type { QueueElement } from "./queue-format.ts";
import { logDirectory, shardScript, slurmJobName } from "./shard-script.ts";
import { isLiveElement, shardStates } from "./shard-states.ts";
import { CommandLineClient, type SlurmClient, SlurmUnreachableError } from "./slurm-client.ts";

/** Between the first two looks at the queue. */
const firstPollSeconds = 1;
/** How long cancelled work may take to be gone: Slurm's own KillWait is 30 s by default. */
const cancelSeconds = 90;

/**
 * Runs shards as elements of Slurm job arrays. Work is found again by its name, never by its id: ids are given anew
 * after a controller lost its state. What Slurm says decides only whether somebody still works on a shard; what is done
 * is for the markers.
 */
export class SlurmExecutor implements Executor {
  readonly name = "slurm";
  /** As many as the scheduler lets run. */
  readonly width = Number.POSITIVE_INFINITY;
  readonly markerDelayMilliseconds: number;
  readonly #config: SlurmConfig;
  readonly #client: SlurmClient;
  readonly #jobs = new Map<string, WatchedJob>();
  #maxArraySize: number | undefined;

  constructor(config: SlurmConfig, client: SlurmClient = new CommandLineClient()) {
    this.#config = config;
    this.#client = client;
    this.markerDelayMilliseconds = config.markerDelaySeconds * 1000;
  }

  async preflight(job: StepJob): Promise<string[]> {
    // Slurm writes no log at all, and says JobLaunchFailure, where the folder cannot be written.
    const probe = join(logDirectory(job), `probe.${attemptId()}`);
    try {
      await writeFileAtomic(probe, "");
    } catch (error) {
      return [`${logDirectory(job)} cannot be written: ${(error as Error).message}`];
    }
    const [window] = arrayWindows([0], 1);
    const refusal = await this.#client.test(shardScript(job, window!, this.#config));
    return refusal === undefined ? [] : [`Slurm would not take it: ${refusal}`];
  }

  async submit(job: StepJob, shards: readonly number[]): Promise<void> {
    const watched = this.#watched(job);
    for (const shard of shards) watched.submitted.add(shard);
    watched.pollSeconds = firstPollSeconds;
    let missing = await this.#notLive(job, shards);
    while (missing.length > 0 && !watched.cancelled) {
      try {
        await this.#submitArrays(job, missing);
        return;
      } catch (error) {
        if (!(error instanceof SlurmUnreachableError)) throw error;
        // It may have been taken all the same: look for it by name before it is sent again.
        await this.#pause(watched);
        missing = await this.#notLive(job, shards);
      }
    }
  }

  async observe(job: StepJob): Promise<ReadonlyMap<number, ShardState> | undefined> {
    const watched = this.#watched(job);
    try {
      const states = shardStates(await this.#client.queue(slurmJobName(job)), watched.submitted);
      const summary = JSON.stringify([...states.values()]);
      if (summary !== watched.lastSeen) watched.pollSeconds = firstPollSeconds;
      watched.lastSeen = summary;
      return states;
    } catch (error) {
      if (error instanceof SlurmUnreachableError) return undefined;
      throw error;
    }
  }

  async changed(job: StepJob): Promise<void> {
    await this.#pause(this.#watched(job));
  }

  async cancel(job: StepJob): Promise<void> {
    const watched = this.#watched(job);
    watched.cancelled = true;
    watched.wake.abort();
    const giveUpAt = performance.now() + cancelSeconds * 1000;
    for (let wait = 200; performance.now() < giveUpAt; wait = Math.min(2 * wait, 5000)) {
      try {
        await this.#client.cancel(slurmJobName(job));
        if ((await this.#live(job)).length === 0) return;
      } catch (error) {
        if (!(error instanceof SlurmUnreachableError)) throw error;
      }
      await sleep(wait);
    }
  }

  async settle(job: StepJob): Promise<void> {
    try {
      if ((await this.#live(job)).length > 0) await this.#client.cancel(slurmJobName(job));
    } catch (error) {
      // They end by themselves, and find their markers there.
      if (!(error instanceof SlurmUnreachableError)) throw error;
    }
  }

  async logs(job: StepJob, shard: number): Promise<string[]> {
    const names = await readdir(logDirectory(job)).catch(() => []);
    const found: { path: string; jobId: number }[] = [];
    for (const name of names) {
      const [, offset, jobId, index] = /^(\d+)-(\d+)_(\d+)\.out$/.exec(name) ?? [];
      if (offset === undefined || Number(offset) + Number(index) !== shard) continue;
      found.push({ path: join(logDirectory(job), name), jobId: Number(jobId) });
    }
    return found.sort((left, right) => left.jobId - right.jobId).map(({ path }) => path);
  }

  #watched(job: StepJob): WatchedJob {
    const name = slurmJobName(job);
    let watched = this.#jobs.get(name);
    if (watched === undefined) {
      watched = {
        submitted: new Set(),
        pollSeconds: firstPollSeconds,
        lastSeen: "",
        cancelled: false,
        wake: new AbortController(),
      };
      this.#jobs.set(name, watched);
    }
    return watched;
  }

  async #pause(watched: WatchedJob): Promise<void> {
    const { pollSeconds, wake } = watched;
    await sleep(Math.min(pollSeconds, this.#config.maxPollSeconds) * 1000, undefined, {
      signal: wake.signal,
    }).catch(() => {});
    watched.pollSeconds = Math.min(pollSeconds * 1.5, this.#config.maxPollSeconds);
  }

  #live(job: StepJob): Promise<QueueElement[]> {
    return this.#client
      .queue(slurmJobName(job))
      .then((elements) => elements.filter((element) => isLiveElement(element)));
  }

  /** The shards nobody works on; asks until the controller answers or the job is cancelled. */
  async #notLive(job: StepJob, shards: readonly number[]): Promise<number[]> {
    const watched = this.#watched(job);
    while (!watched.cancelled) {
      try {
        const live = new Set((await this.#live(job)).map(({ shard }) => shard));
        return shards.filter((shard) => !live.has(shard));
      } catch (error) {
        if (!(error instanceof SlurmUnreachableError)) throw error;
        await this.#pause(watched);
      }
    }
    return [];
  }

  async #submitArrays(job: StepJob, shards: readonly number[]): Promise<void> {
    this.#maxArraySize ??= await this.#client.maxArraySize();
    for (const window of arrayWindows(shards, this.#maxArraySize)) {
      const script = shardScript(job, window, this.#config);
      // Kept for people: what was asked of Slurm, last.
      await writeFileAtomic(join(job.stepDir, "slurm", `array-${window.offset}.sbatch`), script);
      await this.#client.submit(script);
    }
  }
}

interface WatchedJob {
  /** Shards this object started or took over. */
  readonly submitted: Set<number>;
  pollSeconds: number;
  lastSeen: string;
  cancelled: boolean;
  readonly wake: AbortController;
}
