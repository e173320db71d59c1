import type { SearchResult, Trial } from "../schema/search.ts";
import { bits, plural } from "./format.ts";
import { type Html, html } from "./html.ts";
import { figure, section, table } from "./layout.ts";
import type { ReportInput } from "./report-input.ts";
import { searchChart } from "./search-chart.ts";

/** How the search went, round by round. */
export function searchSection({ search }: ReportInput): Html {
  const trials = trialsByKey(search);
  const rows = search.rounds.map((round) => {
    const losses = round.trials.map((key) => trials.get(key)!.objectiveBitsPerByte).sort((a, b) => a - b);
    return [
      String(round.round),
      String(losses.length),
      bits(losses[0]!),
      bits(losses[Math.floor(losses.length / 2)]!),
      bits(losses.at(-1)!),
      html`<strong>${bits(round.bestBitsPerByte)}</strong>`,
    ];
  });
  return section(
    "search",
    "The search, round by round",
    html`Each dot is one mixture: a proxy trained on it and scored on the select text. The first round is
    drawn at random around the natural mixture, each later one from what the predictor ranks highest.`,
    figure(
      searchChart(search, trials),
      html`Objective of every trial in the order of measurement, the best so far as a line; in grey as many
      random mixtures as the search spent, for comparison.`,
    ),
    table(
      [
        { title: "Round" },
        { title: "Trials", numeric: true },
        { title: "Lowest", numeric: true },
        { title: "Median", numeric: true },
        { title: "Highest", numeric: true },
        { title: "Best so far", numeric: true },
      ],
      rows,
    ),
    html`<p class="note">
      ${plural(search.trials.length, "distinct trial")} in the ledger, with the final candidates and the
      random baseline.
    </p>`,
  );
}

export function trialsByKey({ trials }: SearchResult): Map<string, Trial> {
  return new Map(trials.map((trial) => [trial.key, trial]));
}
