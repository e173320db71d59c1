/** The commands that look at and end a run from another shell. */
import type { Command } from "commander";

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
}
