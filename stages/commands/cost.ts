/**
 * How much work a stage is, and how long that took the last time on this machine. Rates are measured, never
 * assumed: a stage that has not run here yet has no estimate.
 */
import { appendFile } from "node:fs/promises";
import { availableParallelism, hostname } from "node:os";
import { z } from "zod";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import { readJsonLines } from "../../pipeline/core/json-lines.ts";
import type { ClusterConfig } from "../../pipeline/schema/cluster-config.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";
import type { IngestConfig, IngestResult } from "../ingest.ts";
import { searchCost } from "./search-cost.ts";

export interface Cost {
  readonly amount: number;
  readonly unit: string;
}

const Timing = z.object({
  host: z.string(),
  cores: z.int(),
  workers: z.int(),
  stage: z.string(),
  /** Which of several uses of the stage: "targets". */
  label: z.string(),
  amount: z.number(),
  unit: z.string(),
  seconds: z.number(),
  /** Of them, those in which shards worked; the rest was the coordinator's own. */
  shardSeconds: z.number(),
  /** Size of the artifact. */
  bytes: z.number(),
});
export type Timing = z.infer<typeof Timing>;

/** The work of a stage, or null while it depends on what an earlier stage will find. */
export function stageCost(
  stage: string,
  config: unknown,
  inputs: Readonly<Record<string, Artifact>>,
  run: ClimbConfig,
): Cost | null {
  const documents = (role: string) => (inputs[role] as Artifact<IngestResult> | undefined)?.result?.documents;
  switch (stage) {
    case "ingest":
      return {
        amount: (config as IngestConfig).files.reduce((sum, file) => sum + file.bytes, 0),
        unit: "bytes",
      };
    case "embed":
    case "domains":
    case "holdout":
    case "tokens":
      return documents("corpus") === undefined ? null : { amount: documents("corpus")!, unit: "documents" };
    case "cluster": {
      const rows = (inputs["vectors"]?.result as { rows: number } | undefined)?.rows;
      return rows === undefined ? null : { amount: clusterDistances(rows, run.cluster), unit: "distances" };
    }
    case "search":
      return searchCost(run, (inputs["targets"] as Artifact<IngestResult>).result?.tokens);
    default:
      return { amount: 1, unit: "file set" };
  }
}

/** Distances that k-means computes at most: over a sample where there is one, then over all documents. */
export function clusterDistances(rows: number, cluster: ClusterConfig): number {
  const { clusters, maxIterations, samplePointsPerCluster, fullIterations } = cluster;
  const sample = samplePointsPerCluster === "all" ? rows : Math.min(rows, samplePointsPerCluster * clusters);
  const passesOverAll = sample < rows ? fullIterations + 1 : 1;
  return (sample * maxIterations + rows * passesOverAll) * clusters;
}

/** Remember how long a stage took on this machine. */
export async function recordTiming(path: string, timing: Omit<Timing, "host" | "cores">): Promise<void> {
  const here: Timing = { host: hostname(), cores: availableParallelism(), ...timing };
  await appendFile(path, `${JSON.stringify(here)}\n`);
}

/** The latest timing of every use of a stage on this machine. */
export async function readTimings(path: string): Promise<Timing[]> {
  const latest = new Map<string, Timing>();
  for (const timing of await timingsHere(path)) latest.set(`${timing.stage} ${timing.label}`, timing);
  return [...latest.values()];
}

/** Seconds at the rate of the stage's last run on this machine with as many workers, or null if there was none. */
export async function estimateSeconds(
  path: string,
  stage: string,
  workers: number,
  cost: Cost,
): Promise<number | null> {
  const timing = (await timingsHere(path)).findLast(
    (each) => each.workers === workers && each.stage === stage && each.unit === cost.unit,
  );
  return timing === undefined ? null : (timing.seconds / timing.amount) * cost.amount;
}

async function timingsHere(path: string): Promise<Timing[]> {
  const timings = await readJsonLines(path, Timing);
  return timings.filter(({ host, amount }) => host === hostname() && amount > 0);
}
