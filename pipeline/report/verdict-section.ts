import { effectiveDomains } from "../math/simplex.ts";
import type { Unit } from "../schema/measure.ts";
import { bits, compact, count, percent, plural, signed } from "./format.ts";
import { type Html, html } from "./html.ts";
import type { ReportInput } from "./report-input.ts";

const headlines = {
  gain: "The found mixture beats the natural one",
  "no gain beyond noise": "No gain beyond noise",
  loss: "The found mixture is worse than the natural one",
  "guard not kept": "A guarded target is not shown to be as good as before",
  "too little confirm text": "Too little held-out text for a verdict",
};

const explanations = {
  "no gain beyond noise":
    "On text that the search never saw, the found and the natural mixture cannot be told apart: the interval of their difference holds zero.",
  "guard not kept":
    "For a target that may not become worse, the upper bound of its difference to natural is beyond the tolerance. The table by target says which.",
  "too little confirm text":
    "A target has too few independent documents on its confirm side to say how sure the difference is. Give it more.",
};

function explain(claim: ReportInput["search"]["verdict"]["claim"], unit: Unit): string {
  if (claim !== "gain" && claim !== "loss") return explanations[claim];
  const does = {
    "bits per byte": `needs ${claim === "gain" ? "fewer" : "more"} bits for text`,
    "error rate": `answers ${claim === "gain" ? "fewer" : "more"} questions wrongly`,
    "weighted bits per byte and error rate": `does ${claim === "gain" ? "better" : "worse"} on text and questions`,
  }[unit];
  const sure = `After training on it the proxy ${does} that the search never saw, and the interval of the difference leaves out zero.`;
  return claim === "gain" ? sure : `${sure} Do not use it.`;
}

/** The page's head: what was found, how sure that is, and the numbers to remember. */
export function verdictSection({ manifest, search }: ReportInput): Html {
  const { verdict, baselines } = manifest;
  const { claim, difference, interval } = verdict;
  const natural = baselines["natural"]?.confirmObjective;
  const relative = natural === undefined ? null : html`, ${signed((difference / natural) * 100, 2)} %`;
  return html`<header>
    <p class="kicker">CLIMB mixture report</p>
    <h1>${manifest.name}</h1>
    <div class="verdict ${claim.split(" ", 1)}">
      <div>
        <p class="claim">${headlines[claim]}</p>
        <p>
          ${explain(claim, search.unit)}${
            manifest.search.objectiveOf === "worst" &&
            " Differences are those of the target that gains least."
          }
        </p>
      </div>
      <p class="difference">
        <strong>${signed(difference)}</strong>
        <span>${search.unit} against natural${relative}</span>
        <span>95 % interval ${signed(interval.low)} to ${signed(interval.high)}</span>
      </p>
    </div>
    <dl class="numbers">
      ${keyNumbers({ manifest, search }).map(
        ([name, value, note]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}<small>${note}</small></dd>
          </div> `,
      )}
    </dl>
  </header> `;
}

function keyNumbers({
  manifest,
  search,
}: Pick<ReportInput, "manifest" | "search">): [string, string, string][] {
  const { domains, baselines, budget } = manifest;
  const { againstRandom } = search.verdict;
  const weights = domains.map(({ weight }) => weight);
  const used = weights.filter((weight) => weight > 0).length;
  const trials = search.rounds.reduce((sum, round) => sum + round.trials.length, 0);
  const tokens = domains.reduce((sum, domain) => sum + domain.tokens, 0);
  const atCap = domains.filter(isAtCap).length;
  const rounds = search.rounds.map((round) => round.trials.length).join(" + ");
  const loss = (name: string) => {
    const baseline = baselines[name];
    return baseline === undefined ? "not measured" : bits(baseline.confirmObjective);
  };
  const onHeldOut = `${search.unit} on held-out text`;
  return [
    ["Found", loss("found"), onHeldOut],
    ["Natural", loss("natural"), onHeldOut],
    [
      "Domains",
      `${used} of ${domains.length}`,
      `used; as spread as ${effectiveDomains(weights).toFixed(1)} equal ones`,
    ],
    ["Repetition", plural(atCap, "domain"), `at the cap of ${budget.maxEpochs} epochs`],
    [
      "Search",
      plural(trials, "proxy").replace("proxys", "proxies"),
      search.rounds.length === 1 ? "trained, in one round" : `trained, in rounds of ${rounds}`,
    ],
    ["Budget", compact(budget.targetTokens), `tokens; the domains hold ${compact(tokens)}`],
    ["Largest weight", percent(Math.max(...weights)), largestName(manifest)],
    [
      `Against ${count(search.randomTrials.length)} random`,
      signed(againstRandom.difference),
      `${search.unit} to the best; ${signed(againstRandom.interval.low)} to ${signed(againstRandom.interval.high)}`,
    ],
  ];
}

/** As near to the cap as rounding the weight allows one to tell. */
export function isAtCap({ epochs, maxEpochs }: { epochs: number; maxEpochs: number }): boolean {
  return epochs >= maxEpochs * 0.999;
}

function largestName({ domains }: ReportInput["manifest"]): string {
  return domains.reduce((left, right) => (right.weight > left.weight ? right : left)).name;
}
