import * as Plot from "@observablehq/plot";
import type { Unit } from "../schema/measure.ts";
import type { SearchResult } from "../schema/search.ts";
import { dependencePart, trustPart } from "./diagnosis-part.ts";
import { bits } from "./format.ts";
import { type Html, html } from "./html.ts";
import { figure, section, table } from "./layout.ts";
import { drawPlot, paddedRange, seriesColour } from "./plot.ts";
import type { ReportInput } from "./report-input.ts";
import { trialsByKey } from "./search-section.ts";

interface Prediction {
  readonly round: number;
  readonly predicted: number;
  readonly measured: number;
}

/** Whether the predictor deserved the trust the search put in it. */
export function predictorSection({ manifest, search }: ReportInput): Html {
  const predictions = predictionsOf(search);
  return section(
    "predictor",
    "Predicted against measured",
    html`After each round the predictors are compared by cross-validation on all trials so far; the best one
    chooses the next round, whose mixtures it has never seen.`,
    html`<div class="beside">
      ${
        predictions.length > 0
          ? figure(
              scatter(predictions, search.unit),
              html`What a round's predictor expected of the next round's trials against what they measured; on
              the line it was right.`,
            )
          : html`<p class="note">The search had one round, so no prediction was put to the test.</p>`
      }
      <div>${scoreTable(search)}${newTrialsTable(predictions)}</div>
    </div>`,
    trustPart(search),
    dependencePart(
      search,
      manifest.domains.map(({ name }) => name),
    ),
  );
}

function predictionsOf(search: SearchResult): Prediction[] {
  const trials = trialsByKey(search);
  return search.rounds.flatMap(({ round, trials: keys, predictedObjective }) =>
    (predictedObjective ?? []).map((predicted, i) => ({
      round,
      predicted,
      measured: trials.get(keys[i]!)!.objective,
    })),
  );
}

function scatter(predictions: readonly Prediction[], unit: Unit): Html {
  const range = paddedRange(predictions.flatMap(({ predicted, measured }) => [predicted, measured]));
  const rounds = [...new Set(predictions.map(({ round }) => round))];
  const axis = { domain: range, grid: true, ticks: 5 };
  return drawPlot(`Predicted against measured ${unit}`, {
    width: 460,
    height: 430,
    marginLeft: 56,
    marginBottom: 44,
    marginTop: 28,
    x: { ...axis, label: `predicted, ${unit}` },
    y: { ...axis, label: `measured, ${unit}` },
    marks: [
      Plot.line(
        [
          [range[0], range[0]],
          [range[1], range[1]],
        ],
        { stroke: "var(--line-strong)", strokeDasharray: "4 4" },
      ),
      Plot.dot(predictions, {
        x: "predicted",
        y: "measured",
        r: 3.5,
        fill: ({ round }: Prediction) => seriesColour(round - 1),
        fillOpacity: 0.85,
        title: ({ round, predicted, measured }: Prediction) =>
          `round ${round}: predicted ${bits(predicted)}, measured ${bits(measured)}`,
      }),
      ...rounds.map((round, i) =>
        Plot.text([`● round ${round}`], {
          frameAnchor: "top-left",
          dx: 8,
          dy: 8 + 16 * i,
          fill: seriesColour(round - 1),
          fontWeight: 600,
        }),
      ),
    ],
  });
}

function scoreTable(search: SearchResult): Html {
  const rows = search.rounds.flatMap(({ round, predictors, chosenPredictor }) =>
    predictors.map(({ predictor, spearman, r2, rmse }, i) => [
      i === 0 ? String(round) : "",
      html`${predictor}${predictor === chosenPredictor && html` <span class="tag">chosen</span>`}`,
      spearman.toFixed(3),
      r2.toFixed(3),
      bits(rmse),
    ]),
  );
  return html`<h3>Cross-validated, after each round</h3>
    ${table(
      [
        { title: "Round" },
        { title: "Predictor" },
        { title: "Spearman", numeric: true },
        { title: "R²", numeric: true },
        { title: "RMSE", numeric: true },
      ],
      rows,
    )}`;
}

/** The harder test: trials chosen because the prediction was low. */
function newTrialsTable(predictions: readonly Prediction[]): Html | null {
  const rounds = [...new Set(predictions.map(({ round }) => round))];
  if (rounds.length === 0) return null;
  const rows = rounds.map((round) => {
    const errors = predictions
      .filter((of) => of.round === round)
      .map(({ predicted, measured }) => predicted - measured);
    const bias = mean(errors);
    return [
      String(round),
      String(errors.length),
      bits(Math.sqrt(mean(errors.map((error) => error ** 2)))),
      `${bias < 0 ? "\u2212" : "+"}${bits(Math.abs(bias))}`,
    ];
  });
  return html`<h3>On the trials it chose</h3>
    ${table(
      [
        { title: "Round" },
        { title: "Trials", numeric: true },
        { title: "RMSE", numeric: true },
        { title: html`Bias<small>− is too hopeful</small>`, numeric: true },
      ],
      rows,
    )}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
