import * as Plot from "@observablehq/plot";
import type { Manifest } from "../schema/manifest.ts";
import { type Unit, unitOf } from "../schema/measure.ts";
import type { SearchResult, Trial } from "../schema/search.ts";
import { bits, plural } from "./format.ts";
import { type Html, html } from "./html.ts";
import { figure, table } from "./layout.ts";
import { drawPlot, paddedRange } from "./plot.ts";

type Objective = Manifest["search"]["objective"];

interface LossAxis {
  readonly target: string;
  readonly unit: Unit;
}

/** More rows than this say less, not more. */
const maxRows = 12;

/** What one target costs another: the trials that none beats on all targets. Nothing where there is one target. */
export function paretoPart(
  search: SearchResult,
  trials: ReadonlyMap<string, Trial>,
  objective: Objective,
): Html | null {
  const front = search.paretoTrials.map((key) => trials.get(key)!);
  const [first, second] = front[0]?.losses ?? [];
  if (first === undefined || second === undefined) return null;
  const all = search.rounds.flatMap((round) => round.trials.map((key) => trials.get(key)!));
  const best = Math.min(...front.map((trial) => trial.objective));
  const rows = front
    .slice(0, maxRows)
    .map((trial) => [
      ...trial.losses.map(({ loss }) => bits(loss)),
      html`${bits(trial.objective)}${trial.objective === best && html` <span class="tag">lowest</span>`}`,
    ]);
  return html`<details>
    <summary>
      Between the targets: ${plural(front.length, "mixture")} that no other trial beats on every target
    </summary>
    ${figure(
      scatter(all, front, objective),
      html`Every trial by its loss on two targets; those on the Pareto front are filled. Where the front is
      one point, the targets want the same mixture.`,
    )}
    ${table(
      [
        ...targetNames(front[0]!).map((target) => ({ title: target, numeric: true })),
        { title: "Objective", numeric: true },
      ],
      rows,
    )}
  </details>`;
}

function targetNames({ losses }: Trial): string[] {
  return losses.map(({ target }) => target);
}

function scatter(all: readonly Trial[], front: readonly Trial[], objective: Objective): Html {
  const [x, y] = front[0]!.losses.map(({ target }) => ({
    target,
    unit: unitOf(objective.find((of) => of.target === target)?.measure ?? "bits-per-byte"),
  })) as [LossAxis, LossAxis];
  const points = all.map(firstTwo);
  return drawPlot(`Loss on ${x.target} and ${y.target}, every trial`, {
    width: 460,
    height: 380,
    marginLeft: 56,
    marginBottom: 44,
    x: {
      domain: paddedRange(points.map((point) => point.x)),
      label: `${x.target}, ${x.unit}`,
      ticks: 5,
      grid: true,
    },
    y: {
      domain: paddedRange(points.map((point) => point.y)),
      label: `${y.target}, ${y.unit}`,
      ticks: 5,
      grid: true,
    },
    marks: [
      Plot.dot(points, { x: "x", y: "y", r: 3, stroke: "var(--muted)" }),
      Plot.dot(front.map(firstTwo), { x: "x", y: "y", r: 4.5, fill: "var(--series-1)" }),
    ],
  });
}

function firstTwo({ losses }: Trial): { x: number; y: number } {
  return { x: losses[0]!.loss, y: losses[1]!.loss };
}
