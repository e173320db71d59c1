import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { type Executor, type ShardState, shardArguments, type StepJob } from "./executor.ts";

/** Between SIGTERM, which lets a shard save, and SIGKILL. */
const graceMilliseconds = 5000;

/**
 * Runs shards as child processes of this one, `width` at a time. Processes and not threads: one that
 * crashes or runs out of memory costs one shard.
 */
export class LocalExecutor implements Executor {
  readonly name = "local";
  readonly width: number;
  /** A child's files are seen here the moment it has ended. */
  readonly markerDelayMilliseconds = 0;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #jobs = new Map<string, RunningJob>();

  constructor(width: number) {
    this.width = width;
    this.#limit = pLimit(width);
  }

  async preflight(job: StepJob): Promise<string[]> {
    const problems: string[] = [];
    await access(job.entry).catch(() => problems.push(`${job.entry} is not there: run npm run build`));
    await mkdir(logDir(job), { recursive: true });
    return problems;
  }

  async submit(job: StepJob, shards: readonly number[]): Promise<void> {
    await mkdir(logDir(job), { recursive: true });
    const running = this.#jobOf(job);
    for (const shard of shards) {
      running.states.set(shard, { state: "queued" });
      void this.#limit(() => this.#run(job, running, shard));
    }
  }

  async observe(job: StepJob): Promise<ReadonlyMap<number, ShardState>> {
    const running = this.#jobOf(job);
    running.observedEndings = running.endings;
    return new Map(running.states);
  }

  async changed(job: StepJob): Promise<void> {
    const running = this.#jobOf(job);
    if (running.endings > running.observedEndings) return;
    // Wakes at least once a second so that progress can be shown while shards run.
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 1000);
      running.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async cancel(job: StepJob): Promise<void> {
    const running = this.#jobOf(job);
    running.cancelled = true;
    const children = [...running.children];
    for (const child of children) child.kill("SIGTERM");
    const ended = Promise.all(children.map((child) => once(child, "close")));
    await Promise.race([ended, sleep(graceMilliseconds, undefined, { ref: false })]);
    for (const child of running.children) child.kill("SIGKILL");
    if (running.children.size > 0) await ended;
  }

  /** There are no copies: a shard is started again only after its process has ended. */
  async settle(): Promise<void> {}

  async logs(job: StepJob, shard: number): Promise<string[]> {
    const path = logPath(job, shard);
    return access(path).then(
      () => [path],
      () => [],
    );
  }

  #jobOf(job: StepJob): RunningJob {
    let running = this.#jobs.get(job.name);
    if (running === undefined) {
      running = {
        states: new Map(),
        children: new Set(),
        wake: () => {},
        endings: 0,
        observedEndings: 0,
        cancelled: false,
      };
      this.#jobs.set(job.name, running);
    }
    return running;
  }

  async #run(job: StepJob, running: RunningJob, shard: number): Promise<void> {
    const end = (exitCode: number | null, reason: string) => {
      running.states.set(shard, { state: "ended", exitCode, reason });
      running.endings++;
      running.wake();
    };
    if (running.cancelled) return end(null, "cancelled before it started");
    running.states.set(shard, { state: "running" });
    try {
      const log = await open(logPath(job, shard), "a");
      try {
        // Its standard input is a pipe that closes when this process dies, however it dies: see shard-main.
        const child = spawn(process.execPath, ["--enable-source-maps", ...shardArguments(job, shard)], {
          stdio: ["pipe", log.fd, log.fd],
          env: { ...process.env, CLIMB_PARENT_PIPE: "1" },
          detached: true,
        });
        running.children.add(child);
        const [code, signal] = (await once(child, "close")) as [number | null, string | null];
        running.children.delete(child);
        end(code, signal === null ? `exit code ${code}` : `killed by ${signal}`);
      } finally {
        await log.close();
      }
    } catch (error) {
      end(null, (error as Error).message);
    }
  }
}

interface RunningJob {
  readonly states: Map<number, ShardState>;
  readonly children: Set<ChildProcess>;
  wake: () => void;
  endings: number;
  observedEndings: number;
  cancelled: boolean;
}

function logDir(job: StepJob): string {
  return join(job.stepDir, "logs");
}

function logPath(job: StepJob, shard: number): string {
  return join(logDir(job), `${shard}.log`);
}
