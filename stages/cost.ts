/**
 * How much work a stage is, and how long that took the last time on this machine. Rates are measured, never
 * assumed: a stage that has not run here yet has no estimate.
 */
import { appendFile, readFile } from "node:fs/promises";
import { availableParallelism, hostname } from "node:os";
import { z } from "zod";
import type { Artifact } from "../pipeline/core/artifact.ts";
import type { ClimbConfig } from "../pipeline/schema/config.ts";
import type { IngestConfig, IngestResult } from "./ingest.ts";

export interface Cost {
  readonly amount: number;
  readonly unit: string;
}

const Timing = z.object({
  host: z.string(),
  cores: z.int(),
  workers: z.int(),
  stage: z.string(),
  amount: z.number(),
  unit: z.string(),
  seconds: z.number(),
});

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
      return rows === undefined
        ? null
        : { amount: rows * run.cluster.clusters * run.cluster.maxIterations, unit: "distances" };
    }
    case "search": {
      const trials = 2 * run.search.rounds.reduce((sum, count) => sum + count, 0) + 4;
      const proxies = trials + 7 * run.search.confirmSeeds;
      return { amount: proxies * (run.budget.proxyTokens ?? run.budget.targetTokens), unit: "proxy tokens" };
    }
    default:
      return { amount: 1, unit: "file set" };
  }
}

/** Remember how long a stage took. */
export async function recordTiming(
  path: string,
  stage: string,
  workers: number,
  cost: Cost,
  seconds: number,
): Promise<void> {
  const timing: z.infer<typeof Timing> = {
    host: hostname(),
    cores: availableParallelism(),
    workers,
    stage,
    ...cost,
    seconds,
  };
  await appendFile(path, `${JSON.stringify(timing)}\n`);
}

/** Seconds at the rate of the stage's last run on this machine with as many workers, or null if there was none. */
export async function estimateSeconds(
  path: string,
  stage: string,
  workers: number,
  cost: Cost,
): Promise<number | null> {
  const lines = (await readFile(path, "utf8").catch(() => "")).split("\n");
  for (const line of lines.toReversed()) {
    if (line === "") continue;
    const parsed = Timing.safeParse(parseJson(line));
    if (!parsed.success) continue;
    const timing = parsed.data;
    const same = timing.host === hostname() && timing.workers === workers && timing.stage === stage;
    if (same && timing.unit === cost.unit && timing.amount > 0)
      return (timing.seconds / timing.amount) * cost.amount;
  }
  return null;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
