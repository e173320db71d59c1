/** The executor at scale, with a scheduler that answers as Slurm does but runs nothing: 10,000 shards. */
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { runShards } from "../../../pipeline/core/run-shards.ts";
import { parseQueue, type QueueElement } from "../../../pipeline/slurm/queue-format.ts";
import type { SlurmClient } from "../../../pipeline/slurm/slurm-client.ts";
import { SlurmExecutor } from "../../../pipeline/slurm/slurm-executor.ts";
import { jobOf, stepOf } from "../../slurm/fault-run.ts";
import { completeQuickly } from "../../slurm/prepared-step.ts";
import { quickSlurm } from "../../slurm/quick-slurm.ts";
import { withTempDir } from "../../support/temp-dir.ts";

const shards = 10_000;
/** How many finish between two looks at the queue. */
const finishing = 2500;

/** Takes arrays, finishes some of their elements at every look, and lists all of them as text. */
class SimulatedSlurm implements SlurmClient {
  arrays = 0;
  queueBytes = 0;
  readonly #states: { line: string; shard: number; done: boolean }[] = [];
  readonly #finish: (shard: number) => Promise<void>;

  constructor(finish: (shard: number) => Promise<void>) {
    this.#finish = finish;
  }

  async submit(script: string): Promise<number> {
    const id = ++this.arrays;
    const offset = Number(/--comment="climb offset (\d+)"/.exec(script)![1]);
    for (const range of /--array=([\d,-]+)/.exec(script)![1]!.split(",")) {
      const [from, to = from] = range.split("-").map(Number);
      for (let index = from!; index <= to!; index++) {
        const line = `${id}|${index}|STATE|None|n${index % 100}|climb offset ${offset}`;
        this.#states.push({ line, shard: index + offset, done: false });
      }
    }
    return id;
  }

  async queue(): Promise<QueueElement[]> {
    const next = this.#states.filter(({ done }) => !done).slice(0, finishing);
    await Promise.all(
      next.map(async (element) => {
        await this.#finish(element.shard);
        element.done = true;
      }),
    );
    const text = this.#states
      .map(({ line, done }) => line.replace("STATE", done ? "COMPLETED" : "RUNNING"))
      .join("\n");
    this.queueBytes = Math.max(this.queueBytes, text.length);
    return parseQueue(text);
  }

  async test(): Promise<undefined> {}
  async cancel(): Promise<void> {}
  async liveJobs(): Promise<[]> {
    return [];
  }
  async maxArraySize(): Promise<number> {
    return 1001;
  }
}

await test("10,000 shards go through queue text, markers and coordinator", (t) =>
  withTempDir(async (dir) => {
    const plan = { dir, shards, bytes: 64 };
    const step = stepOf(plan);
    const slurm = new SimulatedSlurm((shard) => completeQuickly(join(dir, "work"), step, shard));
    const before = performance.now();
    const markers = await runShards(jobOf(plan), step, {
      executor: new SlurmExecutor(quickSlurm({ maxPollSeconds: 0.01 }), slurm),
      progress: () => {},
      signal: new AbortController().signal,
    });
    const seconds = (performance.now() - before) / 1000;
    assert.equal(slurm.arrays, Math.ceil(shards / 1001));
    assert.deepEqual(
      markers.map(({ result }) => result),
      Array.from({ length: shards }, (_, value) => ({ value })),
    );
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
    t.diagnostic(
      `${shards} shards: ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} of processor), ${Math.round(maxRSS / 1024)} MiB resident at most, ${slurm.queueBytes} bytes of queue text a look`,
    );
  }));
