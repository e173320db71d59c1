/** The commands of a search whose proxies are trained elsewhere: propose, tell. */
import type { Command } from "commander";
import type { ProposeOptions, TellOptions } from "./ask-tell.ts";
import { integer } from "./file-commands.ts";

/** Adds them to `climb`. Each loads its code when it is used, so that --help does not wait for it. */
export function addSearchCommands(climbCommand: Command, signal: AbortSignal): void {
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
