/** `climb export RUN|CONFIG`: of a finished run, or after the stages that are still missing. */
import { type Command, InvalidArgumentError } from "commander";
import { ConfigError } from "../../pipeline/core/errors.ts";
import type { ExportRunOptions } from "./export-run.ts";
import { integer } from "./file-commands.ts";
import type { RunOptions } from "./run-command.ts";

type ExportOptions = RunOptions & ExportRunOptions;

/** Adds it to `climb`. */
export function addExport(climbCommand: Command, signal: AbortSignal): void {
  climbCommand
    .command("export")
    .summary("write mixture.json and the trainers' configs, or check them")
    .description(
      "Write a finished run's mixture the way trainers read it; or, of a config, run what is missing first. Every file is read back " +
        "by its trainer's rules and refused (5) if they would not get the mixture.",
    )
    .argument("<run-or-config>", "folder of a finished run, its mixture.json, or a YAML config")
    .argument("[overrides...]", "of a config: key.path=value, for example export.decimals=8")
    .option("--target <list>", "trainers, separated by commas, or all; those of the config if left out")
    .option(
      "--check",
      "read back what lies on disk, and end with 5 if a trainer would misread it; writes only what is missing",
    )
    .option("--data-root <dir>", "where the trainer finds one folder or prefix per domain")
    .option(
      "--tokenizer <name>",
      "count shares, epochs and caps by this one: a folder, a hub name, o200k_base",
    )
    .option("--phase <name>", "of a run: the weights of one of the mixture's phases")
    .option(
      "--batch-tokens <n>",
      "tokens of a training step, for the trainers that take all phases (nanotron, marin)",
      integer(1),
    )
    .option("--min-weight <share>", "leave out domains with a smaller share, and say so", smallShare)
    .option(
      "--out <dir>",
      "of a run: folder of the exports, <run>/exports if left out; of a config: run directory",
    )
    .option("--dry-run", "of a config: say what would run, what would be reused, and what it would cost")
    .option("--json", "one JSON value on stdout")
    .option("--quiet", "no progress")
    .addHelpText(
      "before",
      "Example:\n  $ npx climb export data/runs/quickstart --target megatron,olmo-core --data-root /data/domains --check\n",
    )
    .exitOverride()
    .action(async (path: string, overrides: string[], options: ExportOptions) => {
      const { exportRunCommand, isRun } = await import("./export-run.ts");
      if (await isRun(path)) {
        if (overrides.length > 0 || options.dryRun === true) {
          throw new ConfigError(`${path} is a finished run`, "overrides and --dry-run are for a config");
        }
        await exportRunCommand(path, options, signal);
      } else {
        await exportConfigCommand(path, overrides, options, signal);
      }
    });
}

function smallShare(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 0.1) return value;
  throw new InvalidArgumentError("It should be from 0 to 0.1.");
}

/** The export stage of a config, with the options as overrides; --check reads its files once more, from the run's folder. */
async function exportConfigCommand(
  path: string,
  overrides: readonly string[],
  { target, dataRoot, tokenizer, phase, batchTokens, minWeight, check, ...options }: ExportOptions,
  signal: AbortSignal,
): Promise<void> {
  if (phase !== undefined) throw new ConfigError("--phase is for a finished run", "export the config first");
  const { parseTargets } = await import("../parts/export-settings.ts");
  const targets = target === undefined ? undefined : parseTargets(target);
  if (tokenizer !== undefined && targets === undefined) {
    throw new ConfigError("--tokenizer needs --target", "say which trainers count by it");
  }
  const given = {
    "export.targets": targets,
    "export.dataRoot": dataRoot,
    "export.batchTokens": batchTokens,
    "export.minWeight": minWeight,
    "export.tokenizers": tokenizer && Object.fromEntries((targets ?? []).map((name) => [name, tokenizer])),
  };
  const added = Object.entries(given).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${JSON.stringify(value)}`],
  );
  const { runCommand } = await import("./run-command.ts");
  const runDir = await runCommand("export", path, [...overrides, ...added], options, signal);
  if (check !== true || options.dryRun === true) return;
  const { checkRun } = await import("./export-run.ts");
  process.stderr.write(await checkRun(runDir, signal));
}
