import * as Plot from "@observablehq/plot";
import type { PredictorScore, SearchResult } from "../schema/search.ts";
import { bits, percent, signed } from "./format.ts";
import { type Html, html } from "./html.ts";
import { figure, table } from "./layout.ts";
import { drawPlot } from "./plot.ts";

/** How far the fit behind the answer is to be trusted: intervals, baseline, learning curve. */
export function trustPart(search: SearchResult): Html {
  const last = search.rounds.at(-1)!;
  const chosen = last.predictors.find(({ predictor }) => predictor === last.chosenPredictor)!;
  return html`${last.constant && alarm(last.chosenPredictor)}
    <div class="beside">
      <div>
        <h3>The last fit, on trials left out</h3>
        ${scores([chosen, { ...last.baseline, predictor: `${last.baseline.predictor}, the baseline` }])}
      </div>
      <div>
        <h3>Would more trials help?</h3>
        ${table(
          [
            { title: "Trials", numeric: true },
            { title: html`Spearman<small>on a fifth held back</small>`, numeric: true },
          ],
          search.diagnosis.learningCurve.map(({ trials, spearman }) => [String(trials), spearman.toFixed(3)]),
        )}
      </div>
    </div>`;
}

function alarm(predictor: string): Html {
  return html`<p class="note">
    <strong>Alarm:</strong> ${predictor} predicts the same for every trial: they do not tell mixtures apart.
    Do not go by its choice.
  </p>`;
}

function scores(rows: readonly PredictorScore[]): Html {
  return table(
    [
      { title: "Predictor" },
      { title: "Spearman", numeric: true },
      { title: "Kendall", numeric: true },
      { title: "R²", numeric: true },
      { title: "RMSE", numeric: true },
      { title: html`Held<small>by 68, 90, 95 % intervals</small>`, numeric: true },
    ],
    rows.map(({ predictor, spearman, kendall, r2, rmse, coverage }) => [
      predictor,
      spearman.toFixed(3),
      kendall.toFixed(3),
      r2.toFixed(3),
      bits(rmse),
      coverage.length === 0
        ? html`<span class="muted">none stated</span>`
        : `${coverage.map(({ measured }) => (100 * measured).toFixed(0)).join(", ")} %`,
    ]),
  );
}

/** More curves than this say less, not more. */
const maxCurves = 12;

/** Partial dependence of the domains that matter most, each as its difference to the curve's start. */
export function dependencePart({ diagnosis, unit }: SearchResult, names: readonly string[]): Html {
  const curves = diagnosis.dependence
    .map(({ weights, objective }, domain) => ({
      name: names[domain]!,
      effect: Math.max(...objective) - Math.min(...objective),
      points: weights.map((weight, i) => ({ weight, change: objective[i]! - objective[0]! })),
    }))
    .sort((left, right) => right.effect - left.effect)
    .slice(0, maxCurves);
  const rows = curves.map(({ name, points, effect }) => [
    name,
    spark(name, points),
    html`${percent(points[0]!.weight)} to ${percent(points.at(-1)!.weight)}`,
    signed(points.at(-1)!.change),
    bits(effect),
  ]);
  return html`<details>
    <summary>What the predictor makes of each domain</summary>
    ${figure(
      table(
        [
          { title: "Domain", className: "wide" },
          { title: "Mean prediction over its weight" },
          { title: "Weights tried", numeric: true },
          { title: "Most to least", numeric: true },
          { title: "Range", numeric: true },
        ],
        rows,
      ),
      html`Partial dependence in ${unit}: the mean prediction over all trials with one domain's weight changed
      and the others scaled to make up the rest. Down is better.`,
    )}
  </details>`;
}

function spark(name: string, points: readonly { weight: number; change: number }[]): Html {
  return drawPlot(`Prediction over the weight of ${name}`, {
    width: 180,
    height: 44,
    margin: 4,
    x: { axis: null },
    y: { axis: null },
    marks: [Plot.line(points, { x: "weight", y: "change", stroke: "var(--series-1)", strokeWidth: 2 })],
  });
}
