import { join } from "node:path";
import { quote } from "zx";
import type { StepJob } from "../core/executor.ts";
import { hashJson } from "../core/hash.ts";
import type { SlurmConfig, SlurmResources } from "../schema/slurm-config.ts";
import { type ArrayWindow, formatIndices } from "./array-windows.ts";
import { commentOfOffset } from "./queue-format.ts";

/** Seconds before the time limit at which a shard is told to save. */
const warningSeconds = 90;

/**
 * The name under which all work on a step is found again. It holds a hash of the folder, so that two clones that do
 * the same step do not take each other's jobs for theirs.
 */
export function slurmJobName(job: Pick<StepJob, "name" | "stepDir">): string {
  return `${job.name}:${hashJson(job.stepDir).slice(0, 8)}`;
}

/** The resources a stage asks for: the section's own, overridden by its entry in `stages`. */
function resourcesOf(config: SlurmConfig, stage: string): SlurmResources {
  const { partition, account, qos, constraint, time, memory, cpus, gres } = config;
  return { partition, account, qos, constraint, time, memory, cpus, gres, ...config.stages[stage] };
}

/** sbatch's options for what a stage asks for. */
export function resourceOptions(config: SlurmConfig, stage: string): string[] {
  const resources = resourcesOf(config, stage);
  const { mail, exclude } = config;
  const options: Readonly<Record<string, string | number | undefined>> = {
    partition: resources.partition,
    account: resources.account,
    qos: resources.qos,
    constraint: resources.constraint,
    time: resources.time,
    mem: resources.memory,
    "cpus-per-task": resources.cpus,
    gres: resources.gres,
    exclude: exclude.length === 0 ? undefined : exclude.join(","),
    "mail-user": mail?.user,
    "mail-type": mail?.type,
  };
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `--${name}=${value}`);
}

/** Where the output of a step's shards goes: <offset>-<job>_<index>.out. */
export function logDirectory(job: Pick<StepJob, "stepDir">): string {
  return join(job.stepDir, "logs");
}

/**
 * The batch script for one array. Everything is in it, options as #SBATCH lines too, so that it can be read, kept and
 * submitted by hand.
 */
export function shardScript(job: StepJob, window: ArrayWindow, config: SlurmConfig): string {
  const throttle = config.throttle === null ? "" : `%${config.throttle}`;
  const options = [
    `--job-name=${slurmJobName(job)}`,
    `--comment="${commentOfOffset(window.offset)}"`,
    `--array=${formatIndices(window.indices)}${throttle}`,
    `--output="${join(logDirectory(job), `${window.offset}-%A_%a.out`)}"`,
    "--open-mode=append",
    config.requeue ? "--requeue" : "--no-requeue",
    // To the batch shell, which exec has turned into node: a shard that can save does, and ends with 75.
    `--signal=B:USR1@${warningSeconds}`,
    // sbatch's own default. A list of names would start the user's login shell before every shard.
    "--export=ALL",
    ...resourceOptions(config, job.stage),
    ...config.sbatchArguments,
  ];
  const command = [
    ...config.command,
    process.execPath,
    "--enable-source-maps",
    job.entry,
    "--step",
    job.stepDir,
  ].map((word) => quote(word));
  return [
    "#!/bin/bash",
    ...options.map((option) => `#SBATCH ${option}`),
    ...config.setup,
    // exec: signals must reach node, and its exit code must be the job's.
    `exec ${command.join(" ")} --shard "$((SLURM_ARRAY_TASK_ID + ${window.offset}))/${job.shards}"`,
    "",
  ].join("\n");
}
