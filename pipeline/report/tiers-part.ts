import type { SearchResult } from "../schema/search.ts";
import { compact, count, percent } from "./format.ts";
import { type Html, html } from "./html.ts";
import { table } from "./layout.ts";

/** What was measured by which proxy, and what it cost. Nothing where the search had one alone. */
export function tiersPart({ rounds, cheaper }: SearchResult): Html | null {
  if (cheaper.length === 0) return null;
  const own = {
    name: "the search’s own",
    cost: 1,
    rounds: rounds.map(({ trials }) => trials.length),
    agreement: "–",
  };
  const tiers = [
    own,
    ...cheaper.map(({ proxy, tokens, cost, rounds: bought, spearman }) => ({
      name: html`<code>${proxy.split(" ")[0]}</code> on ${compact(tokens)} tokens`,
      cost,
      rounds: bought.map((trials) => trials.length),
      agreement: spearman.toFixed(2),
    })),
  ].map((tier) => ({ ...tier, trials: tier.rounds.reduce((sum, trials) => sum + trials, 0) }));
  const spent = tiers.reduce((sum, { trials, cost }) => sum + trials * cost, 0);
  return html`<h3>Proxies of several costs</h3>
    ${table(
      [
        { title: "Proxy" },
        { title: "Cost of a trial", numeric: true },
        { title: "Trials", numeric: true },
        { title: "Round by round" },
        { title: "Share of the cost", numeric: true },
        { title: "Spearman with the search’s own", numeric: true },
      ],
      tiers.map(({ name, cost, trials, rounds: bought, agreement }) => [
        name,
        cost.toFixed(3),
        count(trials),
        bought.join(" + "),
        percent((trials * cost) / spent),
        agreement,
      ]),
    )}
    <p class="note">
      Costs are in trials of the search’s own proxy, by floating-point operations or as stated in the config.
      Whatever is said elsewhere of trials is of the search’s own; cheaper ones only inform the predictor.
    </p>`;
}
