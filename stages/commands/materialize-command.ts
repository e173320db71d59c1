/** What `climb materialize RUN` does once the command line is understood. */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { ConfigError, InputError } from "../../pipeline/core/errors.ts";
import { loadConfig } from "../../pipeline/core/load-config.ts";
import { LocalExecutor } from "../../pipeline/core/local-executor.ts";
import { parseBytes, parseTokens } from "../../pipeline/materialize/amounts.ts";
import { type Format, formats } from "../../pipeline/materialize/formats.ts";
import type { Materialized } from "../../pipeline/materialize/materialized.ts";
import { SlurmExecutor } from "../../pipeline/slurm/slurm-executor.ts";
import type { MaterializeRequest } from "../parts/materialize-plan.ts";
import { materializeRun } from "../parts/materialize-run.ts";
import { formatCount, terminalProgress } from "./terminal.ts";

export interface MaterializeOptions {
  readonly format: string;
  readonly tokens?: string;
  readonly byDomain?: boolean;
  readonly phase?: string;
  readonly weights?: string;
  readonly out?: string;
  readonly shardBytes: string;
  readonly sequenceTokens: string;
  readonly workers?: string;
  readonly slurm?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export async function materializeCommand(
  run: string,
  options: MaterializeOptions,
  signal: AbortSignal,
): Promise<void> {
  const request = await parseRequest(options);
  const runDir = resolve(run);
  const name = `${request.format}-${request.tokens ?? "by-domain"}`;
  const outDir = resolve(options.out ?? join(runDir, "materialized", name));
  const workers =
    options.workers === undefined ? availableParallelism() : parseTokens(options.workers, "--workers");
  const materialized = await materializeRun(runDir, outDir, request, {
    artifactsDir: resolve("data", "artifacts"),
    executor: options.slurm ? await slurmOf(runDir) : new LocalExecutor(workers),
    workers,
    progress: terminalProgress(options.quiet),
    signal,
  });
  process.stdout.write(
    options.json ? `${JSON.stringify({ dir: outDir, ...materialized })}\n` : summary(materialized, outDir),
  );
}

/** Asks the scheduler for what the run asked it for. */
async function slurmOf(runDir: string): Promise<SlurmExecutor> {
  const { slurm } = await loadConfig(join(runDir, "config.resolved.yaml"));
  return new SlurmExecutor(slurm);
}

async function parseRequest(options: MaterializeOptions): Promise<MaterializeRequest> {
  const { format, tokens, byDomain = false, phase, weights } = options;
  if (!(formats as readonly string[]).includes(format)) {
    throw new ConfigError(`'${format}' is no format`, `--format takes ${formats.join(", ")}`);
  }
  if (byDomain === (tokens !== undefined)) {
    throw new ConfigError(
      byDomain ? "--by-domain writes each document once, whatever --tokens says" : "--tokens is missing",
      "give either --tokens, for example --tokens 10B, or --by-domain",
    );
  }
  if (phase !== undefined && weights !== undefined) {
    throw new ConfigError("--phase and --weights both name weights", "give one of them");
  }
  return {
    format: format as Format,
    tokens: tokens === undefined ? null : parseTokens(tokens, "--tokens"),
    phase: phase ?? null,
    weights: weights === undefined ? null : await readWeights(weights),
    shardBytes: parseBytes(options.shardBytes, "--shard-bytes"),
    sequenceTokens: parseTokens(options.sequenceTokens, "--sequence-tokens"),
  };
}

async function readWeights(path: string): Promise<Record<string, number>> {
  try {
    return z.record(z.string(), z.number().min(0).max(1)).parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    throw new InputError(
      `--weights ${path}: ${(error as Error).message.split("\n")[0]}`,
      'it should be JSON such as {"domain_0": 0.7, "domain_1": 0.3}',
      { cause: error },
    );
  }
}

function summary(made: Materialized, outDir: string): string {
  const header = ["domain", "weight", "share", "tokens", "documents", "epochs"];
  const rows = made.domains
    .filter(({ tokens }) => tokens > 0)
    .map(({ id, weight, share, tokens, documents, epochs }) => [
      id,
      percent(weight),
      percent(share),
      formatCount(tokens),
      formatCount(documents),
      epochs.toFixed(2),
    ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
  const ends =
    made.endOfDocument === null
      ? ""
      : `, and ${formatCount(made.endOfDocument.tokens)} end-of-document tokens`;
  return [
    ...[header, ...rows].map(line),
    "",
    `${formatCount(made.documents)} documents, ${formatCount(made.tokens)} tokens${ends}`,
    ...(made.layout === "mixture"
      ? [
          `no share is off its weight by more than ${(made.largestRelativeDeviation * 100).toFixed(4)} % of it`,
        ]
      : []),
    `wrote ${outDir} (${made.shards.length} shards, materialized.json)`,
    "",
  ].join("\n");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(4)} %`;
}
