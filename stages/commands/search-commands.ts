/** The commands around a search: propose and tell, for proxies that are trained elsewhere, and confirm. */
import type { Command } from "commander";
import type { RunOptions } from "./run-command.ts";
import type { ProposeOptions, TellOptions } from "./ask-tell.ts";
import { integer } from "./file-commands.ts";

/** Adds them to `climb`. Each loads its code when it is used, so that --help does not wait for it. */
export function addSearchCommands(climbCommand: Command, signal: AbortSignal): void {
  climbCommand
    .command("confirm")
    .summary("follow a run's gain to larger sizes: does it last?")
    .description(
      "Train natural, found and best measured at three or more growing sizes (scale.rungs), three or more seeds each, fit how " +
        "the gap moves, and say how probable a gain at the target's size is, or above which size it is unproven. The run's " +
        "mixture.json and report then carry it.",
    )
    .argument("<run>", "folder of a finished run, for example data/runs/quickstart")
    .argument("[overrides...]", "key.path=value, for example scale.seeds=5")
    .option("--json", "one JSON value on stdout")
    .option("--quiet", "no progress")
    .addHelpText("before", "Example:\n  $ npx climb confirm data/runs/quickstart\n")
    .exitOverride()
    .action(async (run: string, overrides: string[], options: RunOptions) => {
      const { confirmCommand } = await import("./confirm-command.ts");
      await confirmCommand(run, overrides, options, signal);
    });

  climbCommand
    .command("propose")
    .summary("ask the search for mixtures to measure elsewhere")
    .description(
      "Propose mixtures to train proxies on, one JSON object a line with its id and weights. What is pending counts as " +
        "measured as predicted, so it may be asked at any time for any number. RUN is a run's folder, its domains made.",
    )
    .argument("<run>", "folder of a run, for example data/runs/quickstart")
    .option("-n, --number <mixtures>", "how many", integer(1), 16)
    .option("--pending", "propose nothing new: print what was proposed and not answered yet")
    .option("--json", "one JSON value on stdout")
    .option("--quiet", "no progress")
    .addHelpText("before", "Example:\n  $ npx climb propose data/runs/my -n 16 > trials.jsonl\n")
    .exitOverride()
    .action(async (run: string, options: ProposeOptions) => {
      const { proposeCommand } = await import("./ask-tell.ts");
      await proposeCommand(run, options, signal);
    });

  climbCommand
    .command("tell")
    .summary("tell the search what proposed mixtures measured")
    .description(
      'Tell the search results, one JSON object a line: {"id": "mix-...", "losses": {"<target>": 2.31}}, {"id": ..., "failed": ' +
        '"why"}, or {"weights": {...}, "losses": {...}} for runs it did not propose. All of a file is taken or nothing.',
    )
    .argument("<run>", "folder of a run")
    .argument("<results>", "JSONL file")
    .option("--replace", "take figures that contradict what was told before")
    .option("--json", "one JSON value on stdout")
    .option("--quiet", "no progress")
    .addHelpText("before", "Example:\n  $ npx climb tell data/runs/my results.jsonl\n")
    .exitOverride()
    .action(async (run: string, results: string, options: TellOptions) => {
      const { tellCommand } = await import("./ask-tell.ts");
      await tellCommand(run, results, options, signal);
    });
}
