#!/usr/bin/env node
/** The command line: `climb run CONFIG`, each stage by its name, exit codes and signals. */
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { realpathSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { InterruptedError } from "../pipeline/core/errors.ts";
import { exitCode, exitCodeOf } from "../pipeline/core/exit-codes.ts";
import { loadConfig } from "../pipeline/core/load-config.ts";
import { LocalExecutor } from "../pipeline/core/local-executor.ts";
import type { Progress } from "../pipeline/core/progress.ts";
import { type Environment, runStage } from "../pipeline/core/stage.ts";
import type { ClimbConfig } from "../pipeline/schema/config.ts";
import { climb, type StageName, type StageRunner } from "./climb.ts";
import { recordTiming, stageCost } from "./cost.ts";
import { planRun, planText } from "./dry-run.ts";
import { openRunDirectory, publishRun } from "./run-directory.ts";
import { summaryJson, summaryText } from "./summary.ts";
import { printError, terminalProgress } from "./terminal.ts";
import { toolVersion } from "./tool-version.ts";

interface RunOptions {
  readonly out?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
}

const stageHelp: Record<StageName | "run", string> = {
  run: "every stage, from raw documents to mixture.json, exports and report.html",
  ingest: "read, clean and tokenise the corpus and the targets",
  embed: "embed every document",
  holdout: "split the targets; remove training documents that nearly duplicate them",
  cluster: "k-means over the embeddings",
  domains: "score, prune, merge and name the clusters",
  search: "search the domain weights with proxies and a predictor",
  export: "write mixture.json and the trainers' configs",
  report: "write report.html",
};

/** @param args without node and script */
export async function main(args: readonly string[]): Promise<void> {
  const stop = new AbortController();
  let interrupts = 0;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // The second Ctrl-C means it: shards notice that this process is gone.
      if (++interrupts > 1) process.exit(exitCode.interrupted);
      process.stderr.write("\nstopping; what is done is kept (again to stop at once)\n");
      stop.abort();
    });
  }
  try {
    await program(stop.signal).parseAsync(args, { from: "user" });
    process.exitCode = exitCode.ok;
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.config;
      return;
    }
    const shown = stop.signal.aborted ? new InterruptedError() : error;
    printError(shown);
    process.exitCode = exitCodeOf(shown);
  }
}

function program(signal: AbortSignal): Command {
  const climbCommand = new Command("climb")
    .description("Find the proportions in which to mix a web corpus (CLIMB, arXiv 2504.13161).")
    .version(toolVersion)
    .exitOverride()
    .addHelpText("before", example("run"))
    .addHelpText(
      "after",
      "\nExit codes: 0 ok, 1 failure, 2 usage or config, 3 input data, 4 incomplete (run again), 130 interrupted.",
    );
  for (const [name, description] of Object.entries(stageHelp)) {
    climbCommand
      .command(name)
      .description(
        name === "run" ? description : `${description}; earlier stages are reused, or run if missing`,
      )
      .argument("<config>", "YAML file, see configs/")
      .argument("[overrides...]", "key.path=value, for example cluster.clusters=200 workers=8")
      .option("--out <dir>", "run directory; data/runs/<config name> if left out")
      .option("--dry-run", "say what would run, what would be reused, and what it would cost")
      .option("--json", "one JSON value on stdout")
      .option("--quiet", "no progress")
      .addHelpText("before", example(name))
      .exitOverride()
      .action((path: string, overrides: string[], options: RunOptions) =>
        run(name === "run" ? "report" : (name as StageName), path, overrides, options, signal),
      );
  }
  return climbCommand;
}

async function run(
  until: StageName,
  path: string,
  overrides: readonly string[],
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  const config = await loadConfig(path, overrides);
  const runDir = resolve(options.out ?? join("data", "runs", config.name));
  const artifactsDir = resolve("data", "artifacts");
  const timings = join(artifactsDir, "timings.jsonl");
  const workers = config.workers === "auto" ? availableParallelism() : config.workers;
  const environment = (progress: Progress): Environment => ({
    artifactsDir,
    executor: new LocalExecutor(workers),
    workers,
    progress,
    signal,
  });

  const talk = terminalProgress(options.quiet);
  if (options.dryRun) {
    const planned = await planRun(config, environment(talk), until, timings);
    process.stdout.write(options.json ? `${JSON.stringify(planned)}\n` : planText(planned));
    return;
  }
  const log = await openRunDirectory(runDir, config);
  const env = environment((event) => {
    talk(event);
    log(event);
  });
  const made = await climb(config, env, until, timed(config, timings));
  const files = await publishRun(runDir, made);
  process.stdout.write(
    options.json
      ? `${JSON.stringify(await summaryJson(made, runDir, files))}\n`
      : await summaryText(made, files),
  );
}

/** runStage that remembers how long each stage took, for dry runs to come. */
function timed(config: ClimbConfig, timings: string): StageRunner {
  return async (stage, stageConfig, inputs, environment) => {
    const cost = stageCost(stage.name, stageConfig, inputs, config);
    let seconds: number | undefined;
    const artifact = await runStage(stage, stageConfig, inputs, {
      ...environment,
      progress: (event) => {
        if (event.event === "stage" && event.state === "finished") seconds = event.seconds;
        environment.progress(event);
      },
    });
    if (seconds !== undefined && cost !== null) {
      await recordTiming(timings, stage.name, environment.workers, cost, seconds);
    }
    return artifact;
  };
}

/** The line one wants to copy, on top of the help. */
function example(name: string): string {
  const overrides: Readonly<Record<string, string>> = {
    cluster: " cluster.clusters=200",
    search: " search.rounds=[32,16,8]",
  };
  return `Example:\n  $ npx climb ${name} configs/quickstart.yaml${overrides[name] ?? ""}\n`;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  await main(process.argv.slice(2));
}
