/**
 * The folders of NVIDIA's CLIMB recipe (NeMo Curator, nemotron-climb-data-curation, read as its 8_predict.py does):
 * `mixtures_<round>/n<i>.sh` prints `weight prefix` lines, and lm-evaluation-harness left
 * `<folder>_<round>/n<i>/<one folder>/results_*.json` of the model trained on it, the last by name counting.
 */
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { glob } from "tinyglobby";
import { z } from "zod";
import { ConfigError, InputError } from "../core/errors.ts";
import { checkedWeights } from "./checked-weights.ts";
import type { ImportOptions, Measure, ProxyRuns } from "./proxy-runs.ts";
import { readMixtureScript } from "./read-mixture-script.ts";
import { takeTargets } from "./take-targets.ts";

/** The recipe's three, called as the columns of its lm_harness_results.csv. */
const tasks = [
  { task: "arc_easy", key: "acc,none", name: "arc_easy_acc" },
  { task: "piqa", key: "acc_norm,none", name: "piqa_acc_norm" },
  { task: "hellaswag", key: "acc_norm,none", name: "hellaswag_acc_norm" },
].map((task) => ({ ...task, unit: "% accuracy", better: "higher" as const }));

const Results = z.object({ results: z.record(z.string(), z.record(z.string(), z.unknown())) });

const scripts = "mixtures_*/n+([0-9]).sh";
const results = ["n+([0-9])/*/results_*.json", "*/n+([0-9])/*/results_*.json"];

/** domain_2 before domain_10. */
const naturally = new Intl.Collator("en", { numeric: true }).compare;

export async function isNvidiaRecipe(folder: string): Promise<boolean> {
  return (await glob(scripts, { cwd: folder })).length > 0;
}

/**
 * One run for each model that was evaluated, in the order of rounds and numbers.
 *
 * @throws InputError naming the file: a model without a mixture, or with several folders of results; a script or a result
 *   that cannot be read
 */
export async function importNvidiaRecipe(folder: string, options: ImportOptions): Promise<ProxyRuns> {
  if (options.better === "lower") {
    throw new ConfigError("the recipe measures accuracies, of which higher is better", "leave --better out");
  }
  const mixtureFiles = (await glob(scripts, { cwd: folder })).sort(naturally);
  const models = await findModels(folder, mixtureFiles);
  const taken = takeTargets(tasks, options.targets, folder);

  const measured = await Promise.all(
    models.map(async ({ script, result }) => ({
      id: script.replace(/\.sh$/, ""),
      shares: await readMixtureScript(join(folder, script)),
      values: await readResults(join(folder, result), taken),
      script,
    })),
  );
  const domains = [...new Set(measured.flatMap(({ shares }) => [...shares.keys()]))].sort(naturally);
  let renormalised = 0;
  const runs = measured.map(({ id, shares, values, script }) => {
    const listed = domains.map((domain) => shares.get(domain) ?? 0);
    const { weights, changed } = checkedWeights(listed, join(folder, script));
    if (changed) renormalised++;
    return { id, weights, values };
  });
  const notes: string[] = [];
  if (renormalised > 0)
    notes.push(`${renormalised} of ${runs.length} mixtures did not sum to 1: renormalised`);
  const waiting = mixtureFiles.length - runs.length;
  if (waiting > 0) notes.push(`${waiting} of ${mixtureFiles.length} mixtures have no results yet: left out`);
  return {
    format: "nvidia-recipe",
    domains,
    measures: taken.map(({ name, unit, better }): Measure => ({ name, unit, better })),
    runs,
    heldOut: [],
    files: models.flatMap(({ script, result }) => [script, result]),
    notes,
  };
}

interface Model {
  /** Relative to the folder, as is `result`. */
  readonly script: string;
  readonly result: string;
}

async function findModels(folder: string, mixtureFiles: readonly string[]): Promise<Model[]> {
  const known = new Set(mixtureFiles);
  const rounds = [...new Set(mixtureFiles.map((path) => dirname(path)))];
  // By model folder, then by its one sub-folder.
  const found = new Map<string, string[]>();
  for (const path of (await glob(results, { cwd: folder })).sort(naturally)) {
    const model = dirname(dirname(path));
    found.set(model, [...(found.get(model) ?? []), path]);
  }
  if (found.size === 0) {
    throw new InputError(
      `${folder}: mixtures but no results (looked for ${results.join(" and ")})`,
      "put mixtures_<round> and the results of lm-evaluation-harness side by side",
    );
  }
  const models = Array.from(found, ([model, paths]) => {
    const folders = new Set(paths.map((path) => dirname(path)));
    if (folders.size > 1) {
      throw new InputError(
        `${join(folder, model)} holds results in ${[...folders].map((path) => basename(path)).join(" and ")}`,
        "leave one: which of them belong to the mixture would be a guess",
      );
    }
    const script = join(roundOf(folder, model, rounds), `${basename(model)}.sh`);
    if (!known.has(script)) {
      throw new InputError(
        `${join(folder, model)} has results but there is no ${script}`,
        "restore the mixture, or move the results away",
      );
    }
    // By name, and names hold the time: the last is the newest.
    return { script, result: paths.sort().at(-1)! };
  });
  requireOneResultEach(folder, models);
  return models.sort((left, right) => naturally(left.script, right.script));
}

/** The mixtures a model's folder belongs to: those of the round its parent's name ends in, or the only ones. */
function roundOf(folder: string, model: string, rounds: readonly string[]): string {
  const round = /\d+$/.exec(dirname(model))?.[0];
  const named = rounds.find((mixtures) => round !== undefined && mixtures === `mixtures_${round}`);
  if (named !== undefined) return named;
  const [only] = rounds;
  if (only !== undefined && rounds.length === 1 && round === undefined) return only;
  throw new InputError(
    `${join(folder, model)} does not say which of ${rounds.join(", ")} it was trained on`,
    "end the name of the folder that holds it in the round, as in lm_eval_results_1",
  );
}

function requireOneResultEach(folder: string, models: readonly Model[]): void {
  const seen = new Map<string, string>();
  for (const { script, result } of models) {
    const other = seen.get(script);
    if (other !== undefined) {
      throw new InputError(
        `${join(folder, script)} has two results: ${other} and ${result}`,
        "leave one of them",
      );
    }
    seen.set(script, result);
  }
}

async function readResults(path: string, wanted: typeof tasks): Promise<number[]> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}`, "evaluate the model again", {
      cause: error,
    });
  }
  const parsed = Results.safeParse(json);
  if (!parsed.success) throw new InputError(`${path}: no results of lm-evaluation-harness`);
  return wanted.map(({ task, key }) => {
    const value = parsed.data.results[task]?.[key];
    if (typeof value === "number" && value >= 0 && value <= 1) return value * 100;
    throw new InputError(
      `${path}: results.${task}["${key}"] is ${JSON.stringify(value)}, which should be from 0 to 1`,
      `evaluate the model on ${tasks.map((each) => each.task).join(",")}`,
    );
  });
}
