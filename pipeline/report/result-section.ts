import * as Plot from "@observablehq/plot";
import { type Unit, unitOf } from "../schema/measure.ts";
import type { FinalMixture } from "../schema/search.ts";
import { bits, percent, plural, signed } from "./format.ts";
import { type Html, html } from "./html.ts";
import { section, table } from "./layout.ts";
import { describeMixture } from "./mixture-names.ts";
import { drawPlot, paddedRange } from "./plot.ts";
import type { ReportInput } from "./report-input.ts";
import { scalePart } from "./scale-part.ts";

const whiskerWidth = 300;
/** Room for half of a number at either end of the axis. */
const edge = 18;

/** The final table: every mixture on text that neither the search nor the choice between candidates has seen. */
export function resultSection({ manifest, search }: ReportInput): Html {
  const range = paddedRange(
    search.final.flatMap(({ differenceInterval: { low, high } }) => [low, high]),
    [0],
  );
  const rows = search.final.map((mixture) => {
    const { title, meaning } = describeMixture(mixture.name, search);
    return [
      html`<strong>${title}</strong><small>${meaning}</small>`,
      bits(mixture.selectObjective),
      html`<strong>${bits(mixture.confirmObjective)}</strong>
        <small>${bits(mixture.confirmInterval.low)}–${bits(mixture.confirmInterval.high)}</small>`,
      bits(mixture.seedDeviation),
      mixture.name === "natural"
        ? html`<span class="muted">reference</span>`
        : html`${signed(mixture.differenceToNatural)}
            <small
              >${signed(mixture.differenceInterval.low)} to ${signed(mixture.differenceInterval.high)}</small
            ><small>${significance(mixture)}</small>`,
      whisker(mixture, title, range),
    ];
  });
  const foot = html`<tfoot>
    <tr>
      <td colspan="5"></td>
      <td class="whisker">${axis(range, search.unit)}</td>
    </tr>
  </tfoot> `;
  const bytes = manifest.search.objective.reduce((sum, { confirmBytes }) => sum + confirmBytes, 0);
  return section(
    "result",
    "The result, measured",
    html`${titled(search.unit)} of each mixture's proxy on ${plural(bytes, "byte")} of confirm text, which
    neither the search nor the choice between the candidates has seen; lower is better.`,
    table(
      [
        { title: "Mixture", className: "named" },
        { title: "Select", numeric: true },
        { title: "Confirm", numeric: true },
        { title: "Seeds ±", numeric: true },
        { title: "To natural", numeric: true },
        { title: "Difference with 95 % interval", className: "whisker" },
      ],
      rows,
      foot,
    ),
    html`<p class="note">
      Found against natural is the one comparison that was declared beforehand and decides; the p values of
      the others are adjusted for their number (Holm). The list was closed before the seeds it is measured
      under were drawn. Intervals come from resampling groups of near-duplicate confirm documents; those of
      differences are paired and hold the seeds as well. “Seeds” is the standard deviation over fresh choices
      of documents.
    </p>`,
    scalePart(manifest.scale, search.unit),
    search.final.some(({ confirmLosses }) => confirmLosses.length > 1) && byTarget({ manifest, search }),
  );
}

/** "Error rate", where a sentence begins with it. */
function titled(unit: Unit): string {
  return `${unit[0]!.toUpperCase()}${unit.slice(1)}`;
}

function significance({ pValue, adjustedPValue }: FinalMixture): string {
  if (adjustedPValue !== null) return `adjusted ${showP(adjustedPValue)}`;
  return pValue === null ? "" : showP(pValue);
}

function showP(value: number): string {
  return value < 0.0001 ? "p < 0.0001" : `p = ${value.toFixed(4)}`;
}

function whisker(
  { name, differenceToNatural, differenceInterval }: FinalMixture,
  title: string,
  range: [number, number],
): Html {
  const { low, high } = differenceInterval;
  const colour = high < 0 ? "var(--good)" : low > 0 ? "var(--bad)" : "var(--muted)";
  const point = [{ low, high, middle: differenceToNatural }];
  return drawPlot(`${title}: ${signed(differenceToNatural)}, ${signed(low)} to ${signed(high)}`, {
    width: whiskerWidth,
    height: 48,
    margin: 0,
    x: { domain: range, axis: null, inset: edge },
    marks: [
      Plot.ruleX([0], { stroke: "var(--line-strong)" }),
      Plot.ruleY(point, { x1: "low", x2: "high", y: 0, stroke: colour, strokeWidth: 2 }),
      Plot.dot(point, {
        x: "middle",
        y: 0,
        r: name === "found" ? 5.5 : 4,
        fill: name === "natural" ? "var(--paper)" : colour,
        stroke: colour,
        strokeWidth: 2,
      }),
    ],
    y: { axis: null },
  });
}

function axis(range: [number, number], unit: Unit): Html {
  return drawPlot(`Difference to natural, ${unit}`, {
    width: whiskerWidth,
    height: 38,
    margin: 0,
    marginBottom: 34,
    x: { domain: range, inset: edge, ticks: 5, tickFormat: (tick: number) => signed(tick, 3), label: null },
    marks: [
      Plot.axisX({ ticks: 5, tickSize: 4, tickFormat: (tick: number) => signed(tick, 3), label: null }),
      Plot.text(["← better than natural"], { frameAnchor: "bottom-left", dy: 32, fill: "var(--muted)" }),
      Plot.text(["worse →"], { frameAnchor: "bottom-right", dy: 32, fill: "var(--muted)" }),
    ],
  });
}

function byTarget({ manifest, search }: Pick<ReportInput, "manifest" | "search">): Html {
  const { objective } = manifest.search;
  const rows = search.final.map(({ name, confirmLosses, targetDifferences }) => [
    describeMixture(name, search).title,
    ...objective.map(({ target }) => {
      const loss = confirmLosses.find((candidate) => candidate.target === target);
      const to = targetDifferences.find((candidate) => candidate.target === target);
      if (loss === undefined || to === undefined) return "";
      const difference =
        name !== "natural" &&
        html`<small
          >${signed(to.difference)}, ${signed(to.interval.low)} to ${signed(to.interval.high)}</small
        >`;
      return html`${bits(loss.loss)}${difference}`;
    }),
  ]);
  const guards = search.verdict.guards.map(
    ({ target, tolerance, confidence, upper, kept }) =>
      html`<p class="note">
        Guard ${target}: ${kept ? "kept" : "not kept"}; at ${percent(confidence)} confidence found is at most
        ${signed(upper)} from natural, ${signed(tolerance)} being allowed.
      </p>`,
  );
  return html`<details>
    <summary>Target by target</summary>
    ${table(
      [
        { title: "Mixture" },
        ...objective.map(({ target, weight, measure }) => ({
          title: html`${target}<small>${unitOf(measure)}, weight ${weight}</small>`,
          numeric: true,
        })),
      ],
      rows,
    )}
    ${guards}
  </details> `;
}
