import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { glob } from "tinyglobby";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";

/** results_*.json of EleutherAI's lm-evaluation-harness: metrics are keyed "acc_norm,none". */
const HarnessResults = z.object({
  results: z.record(z.string(), z.record(z.string(), z.unknown())),
});

/** Metrics that say how good a model is, best first; higher is better for each. */
const metrics = ["acc_norm", "acc", "exact_match", "f1"];

/**
 * Scores by task from the harness's results below a folder; of several files the last by name, which holds the time.
 *
 * @param pattern Glob relative to the folder; null looks for nothing.
 * @throws InputError if nothing is found, or a task has none of the metrics
 */
export async function readTaskScores(
  folder: string,
  pattern: string | null,
): Promise<Record<string, number>> {
  if (pattern === null) return {};
  const files = await glob(pattern, { cwd: folder });
  const newest = files.toSorted((left, right) => (basename(left) < basename(right) ? -1 : 1)).at(-1);
  if (newest === undefined) {
    throw new InputError(
      `no file ${pattern} in ${folder}`,
      "let the command call lm_eval with --output_path {out}",
    );
  }
  const path = join(folder, newest);
  return parseTaskScores(await readFile(path, "utf8"), path);
}

/** @throws InputError if the text is not the harness's, or a task has none of the metrics */
export function parseTaskScores(text: string, path: string): Record<string, number> {
  let parsed: z.infer<typeof HarnessResults>;
  try {
    parsed = HarnessResults.parse(JSON.parse(text));
  } catch (error) {
    throw new InputError(
      `${path} is no result of lm-evaluation-harness (${(error as Error).message.split("\n")[0]})`,
      "harnessResults should find its results_*.json",
      { cause: error },
    );
  }
  const scores: Record<string, number> = {};
  for (const [task, values] of Object.entries(parsed.results)) {
    const score = metrics
      .map(
        (metric) =>
          Object.entries(values).find(([key]) => key === metric || key.startsWith(`${metric},`))?.[1],
      )
      .find((value) => typeof value === "number" && Number.isFinite(value));
    // A group of tasks that is not aggregated has an alias and no numbers.
    const hasNumbers = Object.values(values).some((value) => typeof value === "number");
    if (score === undefined && !hasNumbers) continue;
    if (score === undefined) {
      throw new InputError(
        `${path}: task ${task} has none of ${metrics.join(", ")}, only ${Object.keys(values).join(", ")}`,
        "leave the task out, or let the trainer write taskScores into its result",
      );
    }
    scores[task] = score as number;
  }
  return scores;
}
