/** Running the fault script's step on a cluster, in this process or in one of its own, and judging what is there after. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hashFile } from "../../pipeline/core/hash.ts";
import { type Marker, readMarker } from "../../pipeline/core/marker.ts";
import type { ProgressEvent } from "../../pipeline/core/progress.ts";
import { runShards } from "../../pipeline/core/run-shards.ts";
import { shardKey, type StepFile } from "../../pipeline/core/shard-step.ts";
import { SlurmExecutor } from "../../pipeline/slurm/slurm-executor.ts";
import { slurmJobName } from "../../pipeline/slurm/shard-script.ts";
import { entry, expected, type FaultInput } from "./fault-script.ts";
import { quickSlurm } from "./quick-slurm.ts";

export interface FaultPlan {
  readonly dir: string;
  readonly shards: number;
  readonly seconds?: number;
  readonly bytes?: number;
  readonly key?: string;
  readonly failOnce?: readonly number[];
  /** Further keys of the slurm section. */
  readonly slurm?: Readonly<Record<string, unknown>>;
}

export function stepDirOf({ dir }: Pick<FaultPlan, "dir">): string {
  return join(dir, "work");
}

export function jobOf(plan: FaultPlan) {
  return { name: "climb:fault:work", stage: "fault", entry, stepDir: stepDirOf(plan), shards: plan.shards };
}

export function jobNameOf(plan: FaultPlan): string {
  return slurmJobName(jobOf(plan));
}

export function stepOf(plan: FaultPlan): StepFile {
  const inputs = Array.from({ length: plan.shards }, (_, value): FaultInput => ({
    value,
    seconds: plan.seconds ?? 1,
    bytes: plan.bytes ?? 1000,
    ...(plan.failOnce?.includes(value) === true ? { failOnce: true } : {}),
  }));
  const common = { log: join(plan.dir, "log.txt") };
  return { stage: "fault", step: "work", key: plan.key ?? "k", common, inputs };
}

interface FaultOutcome {
  readonly markers: Marker[];
  readonly events: ProgressEvent[];
}

const going = new Map<Promise<FaultOutcome>, AbortController>();

/** Run it here. */
export function run(plan: FaultPlan, signal?: AbortSignal): Promise<FaultOutcome> {
  const stop = new AbortController();
  const outcome = runUntil(plan, AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]));
  going.set(outcome, stop);
  const ended = () => going.delete(outcome);
  outcome.then(ended, ended);
  return outcome;
}

/** Withdraw what a failed case left running here. */
export async function stopRuns(): Promise<void> {
  for (const stop of going.values()) stop.abort();
  await Promise.race([Promise.allSettled(going.keys()), sleep(20_000)]);
}

async function runUntil(plan: FaultPlan, signal: AbortSignal): Promise<FaultOutcome> {
  await mkdir(plan.dir, { recursive: true });
  const events: ProgressEvent[] = [];
  const markers = await runShards(jobOf(plan), stepOf(plan), {
    executor: new SlurmExecutor(quickSlurm(plan.slurm)),
    progress: (event) => events.push(event),
    signal,
  });
  return { markers, events };
}

/** Run it in a process of its own, which can be killed. */
export function startProcess(plan: FaultPlan): ChildProcess {
  return spawn(process.execPath, ["--enable-source-maps", import.meta.filename, JSON.stringify(plan)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Every shard has one valid marker, and its output is whole, right and hashed. */
export async function assertComplete(plan: FaultPlan): Promise<void> {
  const step = stepOf(plan);
  const names = await readdir(join(stepDirOf(plan), "done"));
  const markers = names.filter((name) => /^\d{5,}\.json$/.test(name));
  assert.equal(markers.length, plan.shards, `markers: ${names.join(" ")}`);
  const places = new Set<string>();
  for (const [shard, input] of step.inputs.entries()) {
    const marker = await readMarker(stepDirOf(plan), shard, shardKey(step, shard));
    assert(marker !== undefined, `shard ${shard} has no valid marker`);
    assert.equal(marker.outputs.length, 1);
    const [output] = marker.outputs;
    const path = join(stepDirOf(plan), output!.path);
    assert(!places.has(path));
    places.add(path);
    assert.equal(await hashFile(path), output!.sha256);
    assert(
      (await readFile(path)).equals(expected(input as FaultInput)),
      `shard ${shard} wrote something else`,
    );
  }
}

/** How often each shard was started, in order. */
export async function starts({ dir }: Pick<FaultPlan, "dir">): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (const line of await logLines(dir)) {
    const shard = /^start (\d+)$/.exec(line)?.[1];
    if (shard !== undefined) counts.set(Number(shard), (counts.get(Number(shard)) ?? 0) + 1);
  }
  return counts;
}

export async function logLines(dir: string): Promise<string[]> {
  const text = await readFile(join(dir, "log.txt"), "utf8").catch(() => "");
  return text.split("\n").filter(Boolean);
}

if (process.argv[1] === import.meta.filename) {
  const { markers } = await run(JSON.parse(process.argv[2]!) as FaultPlan);
  process.stdout.write(`${markers.length}\n`);
}
