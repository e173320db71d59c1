/** What a run's folder tells of a run that may be going on elsewhere: its stages, and the shards of those under way. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../pipeline/core/errors.ts";
import type { StepJob } from "../../pipeline/core/executor.ts";
import { readJsonLines } from "../../pipeline/core/json-lines.ts";
import { loadConfig } from "../../pipeline/core/load-config.ts";
import { listMarkers } from "../../pipeline/core/marker.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";

export interface StepState {
  readonly step: string;
  readonly shards: number;
  readonly done: number;
  /** Shards whose last attempt said why it failed. */
  readonly failed: readonly number[];
  readonly job: StepJob;
}

interface StageState {
  readonly stage: string;
  readonly state: "started" | "finished" | "reused";
  readonly artifact: string;
  /** Of a stage under way. */
  readonly steps: readonly StepState[];
}

export interface RunState {
  readonly config: ClimbConfig;
  readonly host: string;
  readonly pid: number;
  readonly started: string;
  readonly artifactsDir: string;
  readonly stages: readonly StageState[];
}

const RunEvent = z.object({
  time: z.string(),
  event: z.literal("run"),
  host: z.string(),
  pid: z.int(),
  artifactsDir: z.string(),
});
const StageEvent = z.object({
  event: z.literal("stage"),
  stage: z.string(),
  state: z.enum(["started", "finished", "reused"]),
  artifact: z.string(),
});

/** @throws InputError if the folder is not a run's */
export async function readRunState(runDir: string): Promise<RunState> {
  const log = join(runDir, "events.jsonl");
  // What an earlier start of the run said counts until this one says otherwise.
  const run = (await readJsonLines(log, RunEvent)).at(-1);
  if (run === undefined) {
    throw new InputError(
      `${log} is not there, or does not say where the run works`,
      "give the folder of a run, for example data/runs/quickstart",
    );
  }
  const config = await loadConfig(join(runDir, "config.resolved.yaml"));
  const stages = new Map((await readJsonLines(log, StageEvent)).map((event) => [event.stage, event]));
  const { host, pid, time, artifactsDir } = run;
  return {
    config,
    host,
    pid,
    started: time,
    artifactsDir,
    stages: await Promise.all(
      [...stages.values()].map(async ({ stage, state, artifact }) => ({
        stage,
        state,
        artifact,
        steps: state === "started" ? await readSteps(artifactsDir, stage, artifact) : [],
      })),
    ),
  };
}

async function readSteps(artifactsDir: string, stage: string, artifact: string): Promise<StepState[]> {
  const workDir = join(artifactsDir, ".work", artifact);
  const steps: StepState[] = [];
  for (const step of (await readdir(workDir).catch(() => [] as string[])).toSorted((left, right) =>
    left < right ? -1 : 1,
  )) {
    const stepDir = join(workDir, step);
    const text = await readFile(join(stepDir, "step.json"), "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const { inputs } = z.object({ inputs: z.array(z.unknown()) }).parse(JSON.parse(text));
    const done = await listMarkers(stepDir);
    const errors = await readdir(join(stepDir, "errors")).catch(() => []);
    const failed = errors
      .filter((name) => /^\d+\.json$/.test(name))
      .map((name) => Number.parseInt(name, 10))
      .filter((shard) => !done.has(shard))
      .sort((left, right) => left - right);
    const job = { name: `climb:${artifact}:${step}`, stage, entry: "", stepDir, shards: inputs.length };
    steps.push({ step, shards: inputs.length, done: done.size, failed, job });
  }
  return steps;
}
