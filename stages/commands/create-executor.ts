import { availableParallelism } from "node:os";
import type { Executor } from "../../pipeline/core/executor.ts";
import { LocalExecutor } from "../../pipeline/core/local-executor.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";
import { SlurmExecutor } from "../../pipeline/slurm/slurm-executor.ts";

/** Where the config wants shards to run. */
export function createExecutor(
  { executor, slurm }: Pick<ClimbConfig, "executor" | "slurm">,
  workers: number,
): Executor {
  return executor === "slurm" ? new SlurmExecutor(slurm) : new LocalExecutor(workers);
}

/** Threads or processes that `workers: auto` stands for: inside a Slurm job those it was given. */
export function workersOf(workers: ClimbConfig["workers"]): number {
  if (workers !== "auto") return workers;
  const given = Number(process.env["SLURM_CPUS_PER_TASK"] ?? process.env["SLURM_CPUS_ON_NODE"]);
  return Number.isInteger(given) && given > 0 ? given : availableParallelism();
}
