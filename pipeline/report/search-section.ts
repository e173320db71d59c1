import type { SearchResult, Trial } from "../schema/search.ts";
import { bits, plural } from "./format.ts";
import { type Html, html } from "./html.ts";
import { figure, section, table } from "./layout.ts";
import { paretoPart } from "./pareto-part.ts";
import type { ReportInput } from "./report-input.ts";
import { searchChart } from "./search-chart.ts";
import { tasksPart } from "./tasks-part.ts";
import { tiersPart } from "./tiers-part.ts";
import { validationPart } from "./validation-part.ts";

/** How the search went, round by round. */
export function searchSection({ manifest, search }: ReportInput): Html {
  const trials = trialsByKey(search);
  const rows = search.rounds.map((round) => {
    const losses = round.trials.map((key) => trials.get(key)!.objective).sort((a, b) => a - b);
    return [
      String(round.round),
      String(losses.length),
      ...[losses[0], losses[Math.floor(losses.length / 2)], losses.at(-1)].map((loss) =>
        loss === undefined ? "–" : bits(loss),
      ),
      html`<strong>${bits(round.bestObjective)}</strong>`,
    ];
  });
  return section(
    "search",
    "The search, round by round",
    html`Each dot is one mixture: a proxy trained on it and scored on the select text. The first round is
    drawn around the natural mixture; ${howProposed(manifest.search.method)}`,
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
    tiersPart(search),
    proxyChecks(search),
    paretoPart(search, trials, manifest.search.objective),
    validationPart(
      search,
      manifest.domains.map(({ name }) => name),
    ),
    tasksPart(
      search,
      search.rounds.flatMap((round) => round.trials.map((key) => trials.get(key)!)),
      manifest.search.objective,
    ),
    html`<p class="note">
      ${plural(search.trials.length, "distinct trial")} in the ledger, with the final candidates and the
      random baseline.
    </p>`,
  );
}

const uses = { search: "Trials", confirm: "Final table" } as const;

/** Noise of the proxies beside what they are to tell apart. */
function proxyChecks({ proxyChecks, unit }: SearchResult): Html {
  return html`<h3>Can the proxies tell mixtures apart?</h3>
    ${table(
      [
        { title: "Proxy of" },
        { title: "Measured again" },
        { title: html`Noise ±<small>${unit}</small>`, numeric: true },
        { title: html`Spread ±<small>${unit}</small>`, numeric: true },
        { title: html`Natural mixture<small>bits per byte</small>`, numeric: true },
        { title: html`Bigrams<small>bits per byte</small>`, numeric: true },
      ],
      proxyChecks.map(({ use, mixtures, seeds, seedDeviation, spread, bigram }) => [
        uses[use],
        `${mixtures} mixtures, ${seeds} seeds`,
        bits(seedDeviation),
        bits(spread),
        bigram === null ? "–" : bits(bigram.proxyBitsPerByte),
        bigram === null ? "–" : bits(bigram.bigramBitsPerByte),
      ]),
    )}
    <p class="note">
      Noise is the deviation of a mixture’s objective beside another’s over seeds, spread the deviation
      between mixtures without it. A proxy should also beat a bigram model that read the same tokens.
    </p>
    ${proxyChecks
      .flatMap(({ warnings }) => warnings)
      .map((warning) => html`<p><strong>Warning:</strong> ${warning}.</p>`)}`;
}

function howProposed(method: string): string {
  const ways: Readonly<Record<string, string>> = {
    bayes:
      "each later one is where the predictor, which knows how sure it is, expects the largest improvement.",
    climb: "each later one is drawn from what the predictor ranks highest.",
    thompson: "each later one is where functions drawn from what the predictor holds possible are lowest.",
    regmix: "so is every other, and the answer averages the best predicted.",
    olmix: "each later one begins with the exact minimum of the predictor.",
    random: "so is every other.",
  };
  return ways[method] ?? "";
}

export function trialsByKey({ trials }: SearchResult): Map<string, Trial> {
  return new Map(trials.map((trial) => [trial.key, trial]));
}
