import * as Plot from "@observablehq/plot";
import type { Manifest } from "../schema/manifest.ts";
import { percent, shorten } from "./format.ts";
import { type Html, html } from "./html.ts";
import { figure } from "./layout.ts";
import { drawPlot } from "./plot.ts";

/** More rows than this say less, not more. */
const maxRows = 40;

/** Natural share to found weight, domain by domain; the domains that gain most come first. */
export function weightsChart({ domains }: Manifest, maxWeights: readonly number[]): Html {
  const rows = domains
    .map(({ id, name, weight, naturalShare }, i) => ({
      id,
      name: shorten(name, 36),
      weight,
      naturalShare,
      cap: maxWeights[i]!,
      gain: weight - naturalShare,
    }))
    .sort((left, right) => Math.abs(right.gain) - Math.abs(left.gain))
    .slice(0, maxRows)
    .sort((left, right) => right.gain - left.gain);
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  const highest = Math.max(...rows.flatMap(({ weight, naturalShare }) => [weight, naturalShare]));
  const caps = rows.filter(({ cap }) => cap <= highest * 1.05);
  const chart = drawPlot("Natural share and found weight of each domain", {
    width: 1024,
    height: 46 + 23 * rows.length,
    marginLeft: 250,
    marginRight: 64,
    marginTop: 26,
    marginBottom: 8,
    x: {
      domain: [0, highest * 1.05],
      axis: "top",
      grid: true,
      label: null,
      ticks: 6,
      tickFormat: (x: number) => `${Number((x * 100).toFixed(1))} %`,
    },
    y: {
      domain: rows.map(({ id }) => id),
      label: null,
      tickSize: 0,
      tickFormat: (id: string) => names.get(id)!,
    },
    marks: [
      Plot.tickX(caps, {
        x: "cap",
        y: "id",
        stroke: "var(--line-strong)",
        strokeWidth: 2,
        insetTop: 4,
        insetBottom: 4,
      }),
      Plot.ruleY(rows, { x1: "naturalShare", x2: "weight", y: "id", stroke: colour, strokeWidth: 3 }),
      Plot.dot(rows, {
        x: "naturalShare",
        y: "id",
        r: 4,
        fill: "var(--paper)",
        stroke: "var(--muted)",
        strokeWidth: 2,
      }),
      Plot.dot(rows, {
        x: "weight",
        y: "id",
        r: 5,
        fill: colour,
        title: (row: (typeof rows)[number]) =>
          `${row.name}: ${percent(row.naturalShare)} to ${percent(row.weight)}`,
      }),
      Plot.text(rows, {
        y: "id",
        text: (row: (typeof rows)[number]) => percent(row.weight),
        frameAnchor: "right",
        dx: 62,
        fill: "var(--ink)",
      }),
    ],
  });
  const left = domains.length - rows.length;
  return figure(
    chart,
    html`From the natural share (<span class="key hollow"></span>) to the found weight (<span
        class="key up-dot"
      ></span>
      more, <span class="key down-dot"></span> less), which stands on the right; an upright tick marks the
      largest weight the repetition cap
      allows.${left > 0 && ` The ${left} domains that change least are in the table only.`}`,
  );
}

function colour({ gain }: { gain: number }): string {
  return gain >= 0 ? "var(--up)" : "var(--down)";
}
