import * as Plot from "@observablehq/plot";
import { objectiveOf } from "../math/objective.ts";
import type { Manifest } from "../schema/manifest.ts";
import type { SearchResult, Trial } from "../schema/search.ts";
import { bits, count, plural, signed } from "./format.ts";
import { type Html, html } from "./html.ts";
import { figure, table } from "./layout.ts";
import { drawPlot, paddedRange } from "./plot.ts";

/** Whether mixtures of lower loss do tasks better. Nothing where no task was scored. */
export function tasksPart(
  { taskCorrelations }: SearchResult,
  trials: readonly Trial[],
  objective: Objective,
): Html | null {
  const [first] = taskCorrelations;
  if (first === undefined) return null;
  return html`<details>
    <summary>Does a lower loss mean better answers? ${plural(taskCorrelations.length, "task")}</summary>
    ${figure(
      scatter(first.task, scoresOf(first.task, trials, objective)),
      html`Every trial by its loss and its score on ${first.task}; higher is better at the task.`,
    )}
    ${table(
      [
        { title: "Task" },
        { title: "Trials", numeric: true },
        { title: "Lowest score", numeric: true },
        { title: "Best score", numeric: true },
        { title: "Of the trial of lowest loss", numeric: true },
        { title: "Spearman with the loss", numeric: true },
      ],
      taskCorrelations.map(({ task, trials: scored, spearman, best }) => {
        const scores = scoresOf(task, trials, objective);
        const lowestLoss = scores.reduce((left, right) => (right.loss < left.loss ? right : left));
        return [
          task,
          count(scored),
          score(Math.min(...scores.map((trial) => trial.score))),
          score(best),
          score(lowestLoss.score),
          spearman === null ? "the same for all" : signed(spearman, 2),
        ];
      }),
    )}
    <p class="note">
      −1: the lower the loss in bits per byte, the higher the score. The mixture of lowest loss is not always
      the best at tasks; where a correlation is near 0, the loss is no guide to that task.
    </p>
  </details>`;
}

type Objective = Manifest["search"]["objective"];

interface Scored {
  /** The targets' weighted mean bits per byte. */
  readonly loss: number;
  readonly score: number;
}

function scoresOf(task: string, trials: readonly Trial[], objective: Objective): Scored[] {
  return trials.flatMap(({ taskScores, losses }) => {
    const found = taskScores?.[task];
    return found === undefined ? [] : [{ loss: meanBitsPerByte(losses, objective), score: found }];
  });
}

function meanBitsPerByte(losses: Trial["losses"], objective: Objective): number {
  const weights = losses.map(({ target }) => objective.find((of) => of.target === target)?.weight ?? 0);
  return objectiveOf(
    { weights },
    losses.map(({ loss, bitsPerByte = loss }) => bitsPerByte),
  );
}

function scatter(task: string, points: readonly Scored[]): Html {
  return drawPlot(`Loss and score on ${task}, every trial`, {
    width: 460,
    height: 320,
    marginLeft: 56,
    marginBottom: 44,
    x: {
      domain: paddedRange(points.map(({ loss }) => loss)),
      label: "loss, bits per byte",
      ticks: 5,
      tickFormat: bits,
      grid: true,
    },
    y: { domain: paddedRange(points.map((point) => point.score)), label: "score", ticks: 5, grid: true },
    marks: [Plot.dot(points, { x: "loss", y: "score", r: 3.5, fill: "var(--series-1)" })],
  });
}

function score(value: number): string {
  return value.toFixed(3);
}
