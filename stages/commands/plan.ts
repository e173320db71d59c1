/** `climb plan`: what a larger corpus would cost, from rates measured on this machine. */
import { join, resolve } from "node:path";
import { ConfigError } from "../../pipeline/core/errors.ts";
import { loadConfig } from "../../pipeline/core/load-config.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";
import { clusterDistances, readTimings, type Timing } from "./cost.ts";
import { searchCost } from "./search-cost.ts";
import { formatCount, formatSeconds } from "./terminal.ts";

export interface PlanOptions {
  readonly documents: number;
  readonly width: number;
  readonly json?: boolean;
}

interface PlannedCost {
  readonly stage: string;
  /** What the shards compute in all, on cores like this machine's. */
  readonly shardCoreHours: number;
  /** The same hours on the GPUs that the slurm section gives each shard of the stage; 0 where it gives none. */
  readonly gpuHours: number;
  /** What the coordinator does alone, whatever the width. */
  readonly coordinatorHours: number;
  readonly wallHours: number;
  readonly diskBytes: number;
}

interface Plan {
  readonly documents: number;
  /** Of the run whose timings these are. */
  readonly measuredDocuments: number;
  readonly width: number;
  readonly stages: PlannedCost[];
  readonly coreHours: number;
  readonly gpuHours: number;
  readonly wallHours: number;
  readonly diskBytes: number;
  /** Shards at once from which on the coordinator takes more than half of the wall time; null if it takes none. */
  readonly scalesTo: number | null;
  /** The stage whose coordinator takes longest. */
  readonly limitedBy: string;
}

export async function planCommand(path: string, overrides: readonly string[], options: PlanOptions) {
  const config = await loadConfig(path, overrides);
  const timings = await readTimings(join(resolve("data", "artifacts"), "timings.jsonl"));
  const plan = planAtScale(config, timings, options.documents, options.width);
  process.stdout.write(options.json ? `${JSON.stringify(plan)}\n` : planLines(plan));
}

/**
 * Every stage's last timing, scaled: with the documents where it goes through all of them, with the config where that
 * decides (clusters, proxies), not at all where it looks at the targets. Costs grow linearly in all three, which the
 * benchmarks show for k-means and embedding; disk caches and networks are not modelled.
 *
 * @throws ConfigError if no run was measured on this machine
 */
export function planAtScale(
  config: ClimbConfig,
  timings: readonly Timing[],
  documents: number,
  width: number,
): Plan {
  const measuredDocuments = timings.find(
    ({ unit, label }) => unit === "documents" && label === "corpus",
  )?.amount;
  if (measuredDocuments === undefined) {
    throw new ConfigError(
      "no run was measured on this machine yet",
      "run a part of the corpus first, as large as you have patience for: climb run CONFIG",
    );
  }
  const stages = timings.map((timing): PlannedCost => {
    const factor = growth(timing, config, documents, documents / measuredDocuments);
    const shardCoreHours = (timing.shardSeconds * timing.workers * factor) / 3600;
    const coordinatorHours = (Math.max(0, timing.seconds - timing.shardSeconds) * factor) / 3600;
    return {
      stage: [timing.stage, timing.label].filter(Boolean).join(" "),
      shardCoreHours,
      gpuHours: shardCoreHours * gpusOf(config, timing.stage),
      coordinatorHours,
      wallHours: coordinatorHours + shardCoreHours / width,
      diskBytes: timing.bytes * factor,
    };
  });
  const total = (of: (stage: PlannedCost) => number) => stages.reduce((sum, stage) => sum + of(stage), 0);
  const shards = total(({ shardCoreHours }) => shardCoreHours);
  const alone = total(({ coordinatorHours }) => coordinatorHours);
  const slowest = stages.reduce((left, right) =>
    right.coordinatorHours > left.coordinatorHours ? right : left,
  );
  return {
    documents,
    measuredDocuments,
    width,
    stages,
    coreHours: shards + alone,
    gpuHours: total(({ gpuHours }) => gpuHours),
    wallHours: total(({ wallHours }) => wallHours),
    diskBytes: total(({ diskBytes }) => diskBytes),
    scalesTo: alone > 0 ? Math.max(1, Math.floor(shards / alone)) : null,
    limitedBy: slowest.stage,
  };
}

/** GPUs of one shard: gpu, gpu:2 and gpu:a100:2 are what --gres takes. */
function gpusOf({ slurm }: ClimbConfig, stage: string): number {
  const gres = slurm.stages[stage]?.gres ?? slurm.gres ?? "";
  const [, count] = /(?:^|,)gpu(?::[a-z]\w*)?(?::(\d+))?(?=,|$)/i.exec(gres) ?? [];
  return /(?:^|,)gpu/i.test(gres) ? Number(count ?? 1) : 0;
}

/** How many times the measured work a stage would have. */
function growth(timing: Timing, config: ClimbConfig, documents: number, perDocument: number): number {
  if (timing.label === "targets") return 1;
  const search = searchCost(config);
  if (timing.unit === search.unit) return search.amount / timing.amount;
  switch (timing.unit) {
    case "distances":
      return clusterDistances(documents, config.cluster) / timing.amount;
    case "bytes":
    case "documents":
      return perDocument;
    default:
      return 1;
  }
}

function planLines(plan: Plan): string {
  const lines = plan.stages.map(
    ({ stage, shardCoreHours, coordinatorHours, wallHours, diskBytes }) =>
      `${stage.padEnd(16)}  shards ${hours(shardCoreHours)}  coordinator ${hours(coordinatorHours)}  wall ${hours(wallHours)}  disk ${formatBytes(diskBytes).padStart(9)}`,
  );
  return [
    `${formatCount(plan.documents)} documents with ${plan.width} shards at once, from ${formatCount(plan.measuredDocuments)} measured here:`,
    ...lines,
    `in all: ${formatCount(plan.coreHours)} core-hours, ${formatCount(plan.gpuHours)} GPU-hours (if trainers were measured on such a GPU), ${formatSeconds(plan.wallHours * 3600)} wall, ${formatBytes(plan.diskBytes)} of artifacts`,
    plan.scalesTo === null
      ? "every stage is done by shards alone"
      : `beyond ${formatCount(plan.scalesTo)} shards at once more than half of the wall time is the coordinator's, most of it in ${plan.limitedBy}`,
    "",
  ].join("\n");
}

function hours(value: number): string {
  return formatSeconds(value * 3600).padStart(9);
}

function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toPrecision(3)} ${units[power]}`;
}
