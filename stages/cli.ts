#!/usr/bin/env node
/** The command line: `climb run CONFIG`, each stage by its name, exit codes and signals. */
import { realpathSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { explainFileSystemError, InterruptedError, LeaveRunning } from "../pipeline/core/errors.ts";
import { exitCode, exitCodeOf } from "../pipeline/core/exit-codes.ts";
import type { StageName } from "./climb.ts";
import { addControlCommands } from "./commands/control-commands.ts";
import { addExport } from "./commands/export-command.ts";
import { addFileCommands } from "./commands/file-commands.ts";
import { addSearchCommands } from "./commands/search-commands.ts";
import type { MaterializeOptions } from "./commands/materialize-command.ts";
import type { RunOptions } from "./commands/run-command.ts";
import { printError } from "./commands/terminal.ts";
import { toolVersion } from "./parts/tool-version.ts";

const stageHelp: Record<StageName | "run" | "recluster", string> = {
  run: "every stage, from raw documents to mixture.json, exports and report.html",
  recluster: "a run that starts from an earlier one's clusters and says what became of its domains",
  ingest: "read, clean and tokenise the corpus and the targets",
  embed: "embed every document",
  holdout: "split the targets; remove training documents that nearly duplicate them",
  cluster: "k-means over the embeddings",
  domains: "score, prune, merge and name the clusters",
  tokens: "encode the domains with the proxies' own tokenizer, where they have one",
  search: "search the domain weights with proxies and a predictor",
  export: "write mixture.json and the trainers' configs",
  report: "write report.html",
};

/** @param args without node and script */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCode.ok);
    throw error;
  });
  // Progress that nobody reads must not stop the work.
  process.stderr.on("error", () => {});
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
    // A time limit is near (Slurm): what runs elsewhere goes on without this process.
    process.on("SIGUSR1", () => stop.abort(new LeaveRunning()));
    await program(stop.signal).parseAsync(args, { from: "user" });
    process.exitCode = exitCode.ok;
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.config;
      return;
    }
    const shown = stop.signal.aborted ? interruption(stop.signal) : explainFileSystemError(error);
    printError(shown);
    process.exitCode = exitCodeOf(shown);
  }
}

function interruption({ reason }: AbortSignal): InterruptedError {
  return reason instanceof InterruptedError ? reason : new InterruptedError();
}

function program(signal: AbortSignal): Command {
  const climbCommand = new Command("climb")
    .description("Find the proportions in which to mix a web corpus (CLIMB, arXiv 2504.13161).")
    .version(toolVersion)
    .exitOverride()
    .addHelpText("before", example("run"))
    .addHelpText(
      "after",
      "\nExit codes: 0 ok, 1 failure, 2 usage or config, 3 input data, 4 incomplete (run again), 5 an export would be misread, 130 interrupted.",
    );
  for (const [name, description] of Object.entries(stageHelp)) {
    if (name === "export") {
      addExport(climbCommand, signal);
      continue;
    }
    climbCommand
      .command(name)
      .summary(description)
      .description(
        `${description[0]!.toUpperCase()}${description.slice(1)}.${
          name === "run"
            ? ""
            : name === "recluster"
              ? " The config's section recluster names the earlier run."
              : " Earlier stages are reused, or run if missing."
        }`,
      )
      .argument("<config>", "YAML file, see configs/")
      .argument("[overrides...]", "key.path=value, for example cluster.clusters=200 workers=8")
      .option("--out <dir>", "run directory; data/runs/<config name> if left out")
      .option(
        "--dry-run",
        "say what would run, what would be reused, and what it would cost; the scripts for Slurm",
      )
      .option("--json", "one JSON value on stdout")
      .option("--quiet", "no progress")
      .option("--detach", "with executor=slurm: submit one small job a stage that runs it, and end")
      .addHelpText("before", example(name))
      .exitOverride()
      .action(async (path: string, overrides: string[], options: RunOptions) => {
        // Imported here so that --help and usage errors do not wait for the engines to load.
        const { runCommand } = await import("./commands/run-command.ts");
        const isWhole = name === "run" || name === "recluster";
        const until = isWhole ? "report" : (name as StageName);
        const needs = name === "recluster" ? name : undefined;
        await runCommand(until, path, overrides, { ...options, ...(needs && { needs }) }, signal);
      });
  }
  addFileCommands(climbCommand, signal);
  addSearchCommands(climbCommand, signal);
  addControlCommands(climbCommand);
  addMaterialize(climbCommand, signal);
  return climbCommand;
}

function addMaterialize(climbCommand: Command, signal: AbortSignal): void {
  climbCommand
    .command("materialize")
    .summary("write the mixture itself: shuffled documents or token ids for a trainer")
    .description(
      "Write the mixture itself, as documents (jsonl, parquet) or token ids (megatron, npy, mds, ds), with materialized.json: what went where.",
    )
    .argument("<run>", "folder of a finished run, for example data/runs/quickstart")
    .requiredOption(
      "--format <format>",
      "jsonl, parquet, megatron, npy (OLMo, dolma), mds (llm-foundry), ds (nanotron)",
    )
    .option("--tokens <count>", "budget: 10B, 500M, 2000000; end-of-document tokens come on top")
    .option(
      "--by-domain",
      "instead: each document once, one folder or prefix per domain, as exports' dataRoot expects",
    )
    .option("--phase <name>", "take the weights of one of the mixture's phases")
    .option("--weights <file>", "take the weights of a JSON file: domain to share, as exports write it")
    .option("--out <dir>", "folder to make; <run>/materialized/<format>-<tokens> if left out")
    .option(
      "--shard-bytes <size>",
      "about the size of a shard: 100MB, 64MiB; of text before compression",
      "100MB",
    )
    .option("--sequence-tokens <count>", "tokens of an mds sample: the trainer's sequence length", "2048")
    .option("--workers <count>", "shards written at once; all cores if left out; never changes a result")
    .option("--slurm", "write the shards as Slurm jobs, with the slurm section of the run's config")
    .option("--json", "one JSON value on stdout")
    .option("--quiet", "no progress")
    .addHelpText(
      "before",
      "Example:\n  $ npx climb materialize data/runs/quickstart --tokens 3M --format jsonl\n",
    )
    .exitOverride()
    .action(async (run: string, options: MaterializeOptions) => {
      const { materializeCommand } = await import("./commands/materialize-command.ts");
      await materializeCommand(run, options, signal);
    });
}

/** The line one wants to copy, on top of the help. */
function example(name: string): string {
  const overrides: Readonly<Record<string, string>> = {
    cluster: " cluster.clusters=200",
    search: " search.rounds=[32,16,8]",
  };
  const config = name === "recluster" ? "recluster" : "quickstart";
  return `Example:\n  $ npx climb ${name} configs/${config}.yaml${overrides[name] ?? ""}\n`;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  await main(process.argv.slice(2));
}
