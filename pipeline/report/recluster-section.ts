import type { DomainSide, Recluster } from "../schema/recluster.ts";
import { compact, percent } from "./format.ts";
import { type Html, html } from "./html.ts";
import { section, table } from "./layout.ts";

const oldFates: Readonly<Record<string, string>> = {
  kept: "kept",
  split: "split",
  merged: "merged into another",
  died: "gone: scattered or pruned",
};
const newFates: Readonly<Record<string, string>> = {
  kept: "kept",
  split: "split off an old one",
  merged: "several old ones",
  born: "new",
};

/** What became of the earlier run's domains, and where the new ones come from. */
export function reclusterSection(found: Recluster): Html {
  const { drift, trials, from } = found;
  const nameOf = new Map([...found.old.map(named("old")), ...found.new.map(named("new"))]);
  return section(
    "recluster",
    "Since the earlier run",
    html`${drift.text} This run's clusters started at those of <code>${from}</code>; an old domain's documents
      are those of this corpus that the old clusters hold. Two domains are the same when each holds more than
      half of the other's tokens.`,
    table(
      [
        { title: "Domain of the earlier run", className: "wide" },
        { title: "Tokens here", numeric: true },
        { title: "What became of it" },
        { title: "Where its tokens are now", className: "wide" },
      ],
      found.old.map((side) => row(side, "new", nameOf)),
    ),
    table(
      [
        { title: "Domain of this run", className: "wide" },
        { title: "Tokens", numeric: true },
        { title: "Origin" },
        { title: "Where its tokens were", className: "wide" },
      ],
      found.new.map((side) => row(side, "old", nameOf)),
    ),
    found.pairs.length > 0 && pairTable(found, nameOf),
    html`<p class="note">${trials.text[0]!.toUpperCase()}${trials.text.slice(1)}.</p>`,
  );
}

function named(side: "old" | "new") {
  return ({ id, name }: DomainSide): [string, string] => [`${side}/${id}`, name];
}

function row(
  { id, name, tokens, fate, flows }: DomainSide,
  other: "old" | "new",
  nameOf: ReadonlyMap<string, string>,
) {
  const rest = 1 - flows.reduce((sum, { share }) => sum + share, 0);
  const outside =
    other === "new" ? "in no domain, or less than 1 % each" : "in no old domain, or less than 1 % each";
  const parts = flows.map((flow) => `${nameOf.get(`${other}/${flow.id}`)!} ${percent(flow.share)}`);
  return [
    html`<strong>${name}</strong> <code class="muted">${id}</code>`,
    compact(tokens),
    (other === "new" ? oldFates : newFates)[fate],
    [...parts, ...(rest >= 0.01 ? [`${outside} ${percent(rest)}`] : [])].join(" · "),
  ];
}

function pairTable({ pairs }: Recluster, nameOf: ReadonlyMap<string, string>): Html {
  return html`<details>
    <summary>The pairs that are the same domain</summary>
    ${table(
      [
        { title: "Earlier", className: "wide" },
        { title: "Now", className: "wide" },
        { title: "Shared of all their tokens", numeric: true },
        { title: "Distance of their centres", numeric: true },
        { title: "Nearest both ways" },
      ],
      pairs.map((pair) => [
        nameOf.get(`old/${pair.old}`)!,
        nameOf.get(`new/${pair.new}`)!,
        percent(pair.overlap),
        pair.centroidDistance.toFixed(3),
        pair.nearestBothWays ? "yes" : "no",
      ]),
    )}
  </details> `;
}
