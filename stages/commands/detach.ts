/** `climb run --detach`: hand the whole chain to Slurm and go. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ConfigError, IncompleteError } from "../../pipeline/core/errors.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";
import { gateJobName, gateLog, gateScript } from "../../pipeline/slurm/gate-script.ts";
import { shardScript } from "../../pipeline/slurm/shard-script.ts";
import { CommandLineClient } from "../../pipeline/slurm/slurm-client.ts";
import { type StageName, stageNames } from "../climb.ts";

export interface DetachedGate {
  readonly stage: StageName;
  readonly jobId: number;
  readonly log: string;
}

/** The gates' scripts, in order; each waits for the one before it. */
export function gateScripts(
  config: ClimbConfig,
  until: StageName,
  configPath: string,
  overrides: readonly string[],
  runDir: string,
): { stage: StageName; script: (after: number | undefined) => string }[] {
  const stages = stageNames.slice(0, stageNames.indexOf(until) + 1);
  return stages.map((stage) => {
    const command = [
      process.execPath,
      "--enable-source-maps",
      join(import.meta.dirname, "..", "cli.js"),
      stage,
      resolve(configPath),
      ...overrides,
      "--out",
      runDir,
    ];
    return {
      stage,
      script: (after) =>
        gateScript({ runDir, stage, workingDirectory: process.cwd(), command, after }, config.slurm),
    };
  });
}

/**
 * Submit one gate a stage.
 *
 * @throws ConfigError if the executor is not slurm; IncompleteError if the run's gates are live already
 */
export async function detach(
  config: ClimbConfig,
  until: StageName,
  configPath: string,
  overrides: readonly string[],
  runDir: string,
): Promise<DetachedGate[]> {
  if (config.executor !== "slurm") {
    throw new ConfigError(
      `--detach needs executor=slurm, not ${config.executor}`,
      "add executor=slurm, or use nohup",
    );
  }
  const client = new CommandLineClient();
  const live = await client.liveJobs(gateJobName(runDir, ""));
  if (live.length > 0) {
    throw new IncompleteError(
      `${live.length} jobs of this run are in the queue (${live.map(({ jobId }) => jobId).join(", ")})`,
      `climb status ${runDir} shows them, climb cancel ${runDir} ends them`,
    );
  }
  const gates: DetachedGate[] = [];
  for (const { stage, script } of gateScripts(config, until, configPath, overrides, runDir)) {
    const log = gateLog(runDir, stage);
    const text = script(gates.at(-1)?.jobId);
    await mkdir(dirname(log), { recursive: true });
    await writeFile(join(dirname(log), `${stage}.sbatch`), text);
    gates.push({ stage, jobId: await client.submit(text), log });
  }
  return gates;
}

/** The script of one array for each step that the planned stages would do by shards; how many shards is not known yet. */
export function arrayScripts(
  config: ClimbConfig,
  planned: readonly {
    readonly stage: string;
    readonly state: string;
    readonly steps: readonly string[];
    readonly entry: string;
  }[],
  artifactsDir: string,
): string[] {
  return planned
    .filter(({ state }) => state === "run")
    .flatMap(({ stage, steps, entry }) =>
      steps.map((step) => {
        const stepDir = join(artifactsDir, ".work", `${stage}-<hash>`, step);
        const job = { name: `climb:${stage}-<hash>:${step}`, stage, entry, stepDir, shards: 1 };
        return shardScript(job, { offset: 0, indices: [0] }, config.slurm);
      }),
    );
}
