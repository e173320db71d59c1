import { spearman } from "../math/stats.ts";
import type { SearchResult, Trial } from "../schema/search.ts";
import { bits, count, signed } from "./format.ts";
import { type Html, html } from "./html.ts";
import { table } from "./layout.ts";

/** A wider table of domain by domain is not read. */
const maxDomains = 24;

/**
 * How the domains' own held-out text fares: under the natural and the found mixture, and which domain's weight goes with
 * whose loss. Nothing where none is held out.
 *
 * @param names of the domains, in the order of the weights
 */
export function validationPart(search: SearchResult, names: readonly string[]): Html | null {
  const text = search.validationText ?? [];
  const measured = search.trials.filter((trial) => trial.domainLosses !== undefined);
  const [natural, found] = ["natural", "found"].map((name) => trialOf(search, name));
  if (text.length === 0 || natural?.domainLosses === undefined || found?.domainLosses === undefined)
    return null;
  const nameOf = (id: string) => names[search.domains.indexOf(id)] ?? id;
  const rows = text.flatMap(({ domain, selectBytes }) => {
    const before = lossOf(natural, domain);
    const after = lossOf(found, domain);
    if (before === undefined || after === undefined) return [];
    const lowest = Math.min(...measured.map((trial) => lossOf(trial, domain) ?? Infinity));
    return [
      [nameOf(domain), count(selectBytes), bits(before), bits(after), signed(after - before), bits(lowest)],
    ];
  });
  return html`<details>
    <summary>Domain by domain: loss on text of each that no model trained on</summary>
    ${table(
      [
        { title: "Domain" },
        { title: "Bytes", numeric: true },
        { title: "Natural", numeric: true },
        { title: "Found", numeric: true },
        { title: "Difference", numeric: true },
        { title: "Lowest of all trials", numeric: true },
      ],
      rows,
    )}
    ${search.domains.length <= maxDomains && measured.length >= 8 && influence(search, measured, nameOf)}
  </details>`;
}

/** Rows: whose weight; columns: whose loss. */
function influence(search: SearchResult, trials: readonly Trial[], nameOf: (id: string) => string): Html {
  const columns = search.domains.filter((id) => trials.every((trial) => lossOf(trial, id) !== undefined));
  const rows = search.domains.map((id, at) => {
    const weights = trials.map((trial) => trial.weights[at]!);
    return [
      html`<strong>${nameOf(id)}</strong>`,
      ...columns.map((column) => {
        const losses = trials.map((trial) => lossOf(trial, column)!);
        return varies(weights) && varies(losses) ? shaded(spearman(weights, losses)) : "–";
      }),
    ];
  });
  return html`${table(
      [{ title: "Weight of" }, ...columns.map((id) => ({ title: nameOf(id), numeric: true }))],
      rows,
    )}
    <p class="note">
      Spearman correlation of a domain’s weight (row) with a domain’s loss (column) over
      ${count(trials.length)} trials: −1 where more of the one always went with a lower loss on the other.
      Weights sum to one, so more of one domain is less of others, and this is no proof of a cause.
    </p>`;
}

function shaded(correlation: number): Html {
  const colour = correlation < 0 ? "var(--good)" : "var(--bad)";
  const strength = Math.round(60 * Math.abs(correlation));
  return html`<span style="background:color-mix(in srgb, ${colour} ${strength}%, transparent)"
    >${signed(correlation, 2)}</span
  >`;
}

/** The trial on select text of a mixture of the final table. */
function trialOf({ final, trials }: SearchResult, name: string): Trial | undefined {
  const weights = final.find((mixture) => mixture.name === name)?.weights.join();
  return trials.find((trial) => trial.weights.join() === weights);
}

function lossOf({ domainLosses }: Trial, id: string): number | undefined {
  return domainLosses?.find(({ domain }) => domain === id)?.bitsPerByte;
}

function varies(values: readonly number[]): boolean {
  return Math.min(...values) < Math.max(...values);
}
