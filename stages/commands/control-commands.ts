/** The commands that look at and end a run from another shell. */
import { type Command, InvalidArgumentError } from "commander";
import type { GcOptions } from "./gc-command.ts";
import type { PlanOptions } from "./plan.ts";

/** Adds them to `climb`. Each loads its code when it is used, so that --help does not wait for it. */
export function addControlCommands(climbCommand: Command): void {
  climbCommand
    .command("status")
    .summary("how far a run is, also one that was detached")
    .description("Say which stages of a run are done, and how many shards of those under way.")
    .argument("<run>", "folder of the run, for example data/runs/quickstart")
    .option("--json", "one JSON value on stdout")
    .addHelpText("before", "Example:\n  $ npx climb status data/runs/quickstart\n")
    .exitOverride()
    .action(async (run: string, options: { json?: boolean }) => {
      const { statusCommand } = await import("./run-control.ts");
      await statusCommand(run, options);
    });

  climbCommand
    .command("logs")
    .summary("what a shard of a stage under way has written")
    .description(
      "Print what every attempt of a shard wrote. Logs are kept as long as their stage is under way.",
    )
    .argument("<run>", "folder of the run")
    .argument("<stage>", "for example embed")
    .argument("<shard>", "its number, from 0")
    .addHelpText("before", "Example:\n  $ npx climb logs data/runs/quickstart embed 17\n")
    .exitOverride()
    .action(async (run: string, stage: string, shard: string) => {
      const { logsCommand } = await import("./run-control.ts");
      await logsCommand(run, stage, shard);
    });

  climbCommand
    .command("cancel")
    .summary("end a run; what is done is kept")
    .description("End the run's process, and on Slurm its jobs. The same run command goes on later.")
    .argument("<run>", "folder of the run")
    .addHelpText("before", "Example:\n  $ npx climb cancel data/runs/quickstart\n")
    .exitOverride()
    .action(async (run: string) => {
      const { cancelCommand } = await import("./run-control.ts");
      await cancelCommand(run);
    });

  climbCommand
    .command("gc")
    .summary("delete what interrupted runs left")
    .description(
      "Delete temporary files of attempts that died, outputs that no marker names, and working folders of finished stages, below data/artifacts where you are. Stages under way are left alone.",
    )
    .option("--older-than <hours>", "younger ones may be a running shard's", notNegative, 48)
    .option("--artifacts", "also artifacts that no run below data/runs was made from")
    .option("--dry-run", "list them only")
    .option("--json", "one JSON value on stdout")
    .addHelpText("before", "Example:\n  $ npx climb gc --dry-run\n")
    .exitOverride()
    .action(async (options: GcOptions) => {
      const { gcCommand } = await import("./gc-command.ts");
      await gcCommand(options);
    });

  climbCommand
    .command("plan")
    .summary("what a larger corpus would cost, from rates measured here")
    .description(
      "Scale the timings of this machine's last run to a larger corpus: core-hours, wall time and disk of every stage, and how many shards at once still help.",
    )
    .argument("<config>", "YAML file of the run to come; its numbers of clusters and proxies count")
    .argument("[overrides...]", "key.path=value")
    .requiredOption("--documents <count>", "for example 1e9", positive)
    .option("--width <shards>", "shards at once", positive, 64)
    .option("--json", "one JSON value on stdout")
    .addHelpText("before", "Example:\n  $ npx climb plan configs/my.yaml --documents 1e9 --width 256\n")
    .exitOverride()
    .action(async (path: string, overrides: string[], options: PlanOptions) => {
      const { planCommand } = await import("./plan.ts");
      await planCommand(path, overrides, options);
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("It should be a number above 0.");
}

function notNegative(text: string): number {
  return text.trim() === "0" ? 0 : positive(text);
}
