/** The commands that look at files instead of running a config: inspect, verify, proxy check, clusters, assign, fit. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { AssignOptions } from "./assign-command.ts";
import type { ClustersOptions } from "./clusters-command.ts";
import type { FitOptions } from "./fit.ts";
import type { InspectOptions } from "./inspect.ts";
import type { ProxyCheckOptions } from "./proxy-check-command.ts";

/** Adds them to `climb`. Each loads its code when it is used, so that --help does not wait for it. */
export function addFileCommands(climbCommand: Command, signal: AbortSignal): void {
  climbCommand
    .command("inspect")
    .summary("what a mixture.json, run, artifact or corpus holds")
    .description("Say what a mixture.json, run directory, artifact folder or corpus holds. Writes nothing.")
    .argument(
      "<path>",
      "mixture.json, a run directory, an artifact folder, or documents: file, folder or glob",
    )
    .option("--text <field>", "column or JSON key of a corpus's text; found by itself if left out")
    .option("--format <format>", "of a corpus whose files' endings do not tell")
    .option("--json", "one JSON value on stdout")
    .addHelpText("before", "Example:\n  $ npx climb inspect data/runs/quickstart\n")
    .exitOverride()
    .action(async (path: string, options: InspectOptions) => {
      const { inspectCommand } = await import("./inspect.ts");
      await inspectCommand(path, options, signal);
    });

  climbCommand
    .command("verify")
    .summary("hash again everything a mixture.json, run or artifact names")
    .description(
      "Hash again everything a mixture.json, run directory or artifact folder names: inputs, artifacts, exports. " +
        "Ends with 3 and a list unless all of it is there and unchanged. Run it where the run was made.",
    )
    .argument("<path>", "mixture.json, a run directory or an artifact folder")
    .option("--json", "one JSON value on stdout")
    .addHelpText("before", "Example:\n  $ npx climb verify data/runs/quickstart\n")
    .exitOverride()
    .action(async (path: string, options: { json?: boolean }) => {
      const { verifyCommand } = await import("./verify.ts");
      await verifyCommand(path, options, signal);
    });

  climbCommand
    .command("proxy")
    .summary("check a trainer of your own against the protocol of external proxies")
    .description("Commands about proxies.")
    .exitOverride()
    .command("check")
    .summary("run a trainer on tiny jobs and say whether it keeps the protocol")
    .description(
      "Run a trainer on tiny jobs, as `search.proxy: { kind: external }` would, and say whether it keeps the protocol: whole " +
        "results, the same for the same request, SIGTERM and going on. Ends with 1 if it does not.",
    )
    .argument("<command>", "the trainer's command, in quotation marks")
    .option("--settings <json>", "what search.proxy.settings will be")
    .option("--timeout <seconds>", "longest time of one job", "600")
    .option("--keep <dir>", "folder for the jobs and their logs, which are deleted otherwise")
    .option("--start-from <checkpoint>", "also check that a training starts from this checkpoint")
    .option("--json", "one JSON value on stdout")
    .addHelpText(
      "before",
      `Example:\n  $ npx climb proxy check "python3 configs/trainers/torch_trainer.py"\n`,
    )
    .exitOverride()
    .action(async (command: string, options: ProxyCheckOptions) => {
      const { proxyCheckCommand } = await import("./proxy-check-command.ts");
      await proxyCheckCommand(command, options, signal);
    });

  climbCommand
    .command("clusters")
    .summary("a run's clusters as NeMo Curator's CLIMB recipe lays them out")
    .description(
      "Write a run's clusters as stage 2 of NeMo Curator's CLIMB recipe does: clusters/centroid=<int>/*.parquet " +
        "(_curator_climb_id, text, embeddings, l2_dist_to_cent, cosine_dist_to_cent) and centroids/kmeans_centroids.npy. " +
        "The other way, set cluster.given to its kmeans_centroids.npy.",
    )
    .argument("<run>", "a run's folder, where it was made, or data/artifacts/cluster-<hash>")
    .option("--out <dir>", "folder to write; data/clusters/cluster-<hash> if left out")
    .option("--json", "one JSON value on stdout")
    .addHelpText("before", "Example:\n  $ npx climb clusters data/runs/quickstart --out /data/curator\n")
    .exitOverride()
    .action(async (run: string, options: ClustersOptions) => {
      const { clustersCommand } = await import("./clusters-command.ts");
      await clustersCommand(run, options, signal);
    });

  climbCommand
    .command("assign")
    .summary("put a new corpus into the clusters and domains of a run")
    .description(
      "Put every document of a new corpus into the clusters and domains of a run. Writes documents-*.parquet (id, source, " +
        "tokens, cluster, domain, distance, fits) and assignment.json: shares per domain, the part that fits no cluster, " +
        "and how far the corpus has drifted from the one the domains were made from.",
    )
    .argument("<model>", "a run's folder, its model/, or data/artifacts/model-<hash>")
    .argument("<corpus>", "documents: file, folder or glob; or data/artifacts/embed-<hash>")
    .option("--text <field>", "column or JSON key of the corpus's text; found by itself if left out")
    .option("--format <format>", "of a corpus whose files' endings do not tell")
    .addOption(
      new Option("--method <method>", "auto takes hnsw from 15,000 clusters on")
        .choices(["auto", "exact", "hnsw"])
        .default("auto"),
    )
    .option("--out <dir>", "folder to write; data/assigned/<name of the corpus> if left out")
    .option(
      "--workers <count>",
      "processes at once; all cores if left out; never changes a result",
      integer(1),
    )
    .option("--json", "one JSON value on stdout")
    .option("--quiet", "no progress")
    .addHelpText("before", "Example:\n  $ npx climb assign data/runs/quickstart /data/new/*.jsonl.gz\n")
    .exitOverride()
    .action(async (model: string, corpus: string, options: AssignOptions) => {
      const { assignCommand } = await import("./assign-command.ts");
      await assignCommand(model, corpus, options, signal);
    });

  climbCommand
    .command("fit")
    .summary("fit predictors to proxy runs made elsewhere (RegMix, olmix, NVIDIA's recipe)")
    .description(
      "Bring in proxy runs made elsewhere, cross-validate the predictors on them, and say which mixture they would choose. " +
        "RUNS is a folder with RegMix's train_mixture_*.csv and train_*_loss_*.csv, olmix's ratios.csv and metrics.csv, or " +
        "the recipe's mixtures_<round>/ and lm-evaluation-harness results. Writes fit.json and weights.json.",
    )
    .argument("<runs>", "folder of the runs")
    .option("--target <names...>", "measures to go by, their mean being the objective; all if left out")
    .option(
      "--predictors <list>",
      "of ensemble,gp,gbdt,power-law,log-linear,ridge; those that take a minute at most if left out",
    )
    .option(
      "--prior <file>",
      "YAML or JSON of domain to share or tokens, to draw candidates around; else uniform",
    )
    .option(
      "--max-repetition <times>",
      "no weight above this multiple of its domain's share in --prior",
      atLeastOne,
    )
    .addOption(
      new Option("--better <direction>", "of olmix's metrics, which do not say; lower if left out").choices([
        "lower",
        "higher",
      ]),
    )
    .option("--pool <mixtures>", "candidates to predict", integer(1), 20_000)
    .option("--average <mixtures>", "best predicted ones that are averaged", integer(1), 128)
    .option("--folds <folds>", "of the cross-validation", integer(2), 5)
    .option("--seed <seed>", "of folds, fits and candidates", integer(0), 42)
    .option("--out <dir>", "folder for these; data/fits/<name of the runs' folder> if left out")
    .option("--json", "one JSON value on stdout")
    .addHelpText("before", "Example:\n  $ npx climb fit regmix/data --target the_pile_pile_cc\n")
    .exitOverride()
    .action(async (runs: string, options: FitOptions) => {
      const { fitCommand } = await import("./fit.ts");
      await fitCommand(runs, options, signal);
    });
}

/** Reads an option that is an integer of at least `least`. */
export function integer(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It should be an integer >= ${least}.`);
  };
}

/** Below 1 the domains together could not fill a mixture. */
function atLeastOne(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 1) return value;
  throw new InvalidArgumentError("It should be a number >= 1.");
}
