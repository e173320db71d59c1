import * as Plot from "@observablehq/plot";
import type { SearchResult, Trial } from "../schema/search.ts";
import { bits } from "./format.ts";
import type { Html } from "./html.ts";
import { drawPlot, paddedRange, seriesColour } from "./plot.ts";

interface Dot {
  readonly x: number;
  readonly loss: number;
  readonly colour: string;
  readonly title: string;
}

/** Objective of every trial, group by group: the rounds, then the random baseline. */
export function searchChart(search: SearchResult, trials: ReadonlyMap<string, Trial>): Html {
  const groups = [
    ...search.rounds.map(({ round, trials }, i) => ({
      name: `Round ${round}`,
      trials,
      colour: seriesColour(i),
    })),
    ...(search.randomTrials.length > 0
      ? [{ name: "Random", trials: search.randomTrials, colour: "var(--faint)" }]
      : []),
  ];
  const gap = Math.max(2, Math.round(trials.size / 60));
  const dots: Dot[] = [];
  const labels: { x: number; text: string; colour: string }[] = [];
  const best: { x: number; loss: number }[] = [];
  let x = 0;
  for (const { name, trials: keys, colour } of groups) {
    labels.push({
      x: x + (keys.length - 1) / 2,
      text: name,
      colour: name === "Random" ? "var(--muted)" : colour,
    });
    for (const key of keys) {
      const loss = trials.get(key)!.objective;
      dots.push({ x, loss, colour, title: `${name}: ${bits(loss)}` });
      if (name !== "Random") best.push({ x, loss: Math.min(loss, best.at(-1)?.loss ?? Infinity) });
      x++;
    }
    x += gap;
  }
  const references = search.final
    .filter(({ name }) => name === "natural" || name === "uniform")
    .map(({ name, selectObjective }) => ({ text: name, loss: selectObjective }));
  const range = paddedRange(
    dots.map(({ loss }) => loss),
    references.map(({ loss }) => loss),
  );
  return drawPlot("Objective of every trial", {
    width: 1024,
    height: 380,
    marginLeft: 56,
    marginRight: 110,
    marginTop: 44,
    marginBottom: 16,
    x: { domain: [-gap, x - 1], axis: null },
    y: { domain: range, grid: true, label: `${search.unit}, select`, labelAnchor: "top", ticks: 6 },
    marks: [
      Plot.ruleY(references, { y: "loss", stroke: "var(--muted)", strokeDasharray: "4 4" }),
      Plot.text(joinClose(references, (range[1] - range[0]) * 0.05), {
        y: "loss",
        text: "text",
        frameAnchor: "right",
        dx: 6,
        textAnchor: "start",
        fill: "var(--muted)",
      }),
      Plot.dot(dots, {
        x: "x",
        y: "loss",
        r: 3.2,
        fill: (dot: Dot) => dot.colour,
        fillOpacity: 0.85,
        title: "title",
      }),
      Plot.line(best, { x: "x", y: "loss", curve: "step-after", stroke: "var(--ink)", strokeWidth: 1.5 }),
      Plot.text(labels, {
        x: "x",
        text: "text",
        frameAnchor: "top",
        dy: -18,
        fontWeight: 600,
        fill: (label: (typeof labels)[number]) => label.colour,
      }),
    ],
  });
}

/** Labels that would be printed over each other become one, between them. */
function joinClose(
  references: readonly { readonly text: string; readonly loss: number }[],
  closest: number,
): { text: string; loss: number }[] {
  const joined: { text: string; loss: number }[] = [];
  for (const { text, loss } of [...references].sort((left, right) => left.loss - right.loss)) {
    const last = joined.at(-1);
    if (last !== undefined && loss - last.loss < closest) {
      joined[joined.length - 1] = { text: `${last.text}, ${text}`, loss: (last.loss + loss) / 2 };
    } else {
      joined.push({ text, loss });
    }
  }
  return joined;
}
