import * as Plot from "@observablehq/plot";
import { compact, count, percent, plural } from "./format.ts";
import { type Html, html, type HtmlValue } from "./html.ts";
import { bar, figure, section, table } from "./layout.ts";
import { drawPlot } from "./plot.ts";
import type { CorpusAccount, ReportInput } from "./report-input.ts";

/** Where every record went: from the input files to the domains. */
export function corpusSection(input: ReportInput): Html {
  return section(
    "corpus",
    "The corpus, accounted for",
    html`Every record that was read either is in a domain or is counted here with the reason why not.`,
    html`<div class="beside">
      <div>${ledger(input)}</div>
      <div>${sources(input.corpus)}${targets(input)}</div>
    </div>`,
    clustering(input),
  );
}

function ledger({ corpus, domains }: ReportInput): Html {
  const skipped = Object.entries(corpus.skipped).sort(([, left], [, right]) => right - left);
  const read = corpus.documents + skipped.reduce((sum, [, records]) => sum + records, 0);
  const dropped = domains.clusters.filter(({ droppedBy }) => droppedBy !== null);
  const kept = domains.domains.reduce((sum, { documents }) => sum + documents, 0);
  const rows: HtmlValue[][] = [
    [html`<strong>Records read</strong>`, html`<strong>${count(read)}</strong>`],
    ...skipped.map(([reason, records]) => [`skipped: ${reason.replaceAll("-", " ")}`, minus(records)]),
    [
      html`<strong>Documents ingested</strong
        ><small>${compact(corpus.tokens)} tokens, ${compact(corpus.bytes)}B</small>`,
      html`<strong>${count(corpus.documents)}</strong>`,
    ],
    ["near duplicates of target text", minus(corpus.removedDocuments)],
    ["in dropped clusters", minus(dropped.reduce((sum, { documents }) => sum + documents, 0))],
    [html`<strong>Documents in domains</strong>`, html`<strong>${count(kept)}</strong>`],
  ];
  return table([{ title: "From files to domains" }, { title: "Records", numeric: true }], rows);
}

function sources({ bySource, tokens }: CorpusAccount): Html {
  const rows = Object.entries(bySource).map(([source, counts]) => [
    source,
    count(counts.documents),
    compact(counts.tokens),
    html`${percent(tokens === 0 ? 0 : counts.tokens / tokens)}${bar(tokens === 0 ? 0 : counts.tokens / tokens, undefined, "quiet")}`,
  ]);
  return table(
    [
      { title: "Source" },
      { title: "Documents", numeric: true },
      { title: "Tokens", numeric: true },
      { title: "Share", numeric: true, className: "barred" },
    ],
    rows,
  );
}

function targets({ targets }: ReportInput): Html {
  return table(
    [
      { title: "Target" },
      { title: "Groups", numeric: true },
      { title: html`Select<small>seen by the search</small>`, numeric: true },
      { title: html`Confirm<small>for the result only</small>`, numeric: true },
    ],
    targets.map(({ name, groups, select, confirm }) => [name, count(groups), side(select), side(confirm)]),
  );
}

function clustering({ clustering, domains }: ReportInput): Html {
  const { clusters, iterations, labels } = clustering;
  const topics = domains.crossed?.topics ?? domains.domains;
  if (labels !== undefined) {
    return html`<p class="note">
      The domains came with the corpus: ${plural(labels.length, "label")}, of which ${topics.length} are in
      the search. Nothing was embedded or clustered but the targets.
    </p>`;
  }
  const empty = domains.clusters.filter(({ documents }) => documents === 0).length;
  const passes = iterations.map(({ inertia }, i) => ({ pass: i + 1, inertia }));
  const caption = html`K-means over the embeddings:
  ${plural(clusters, "cluster")}${empty > 0 && ` (${empty} empty)`}, merged into
  ${plural(topics.length, "domain")}; the sum of squared distances after each of
  ${plural(iterations.length, "pass").replace("passs", "passes")}.`;
  if (passes.length < 2) return html`<p class="note">${caption}</p>`;
  const chart = drawPlot("K-means inertia by pass", {
    width: 640,
    height: 190,
    marginLeft: 64,
    marginTop: 24,
    marginBottom: 40,
    x: { label: "pass", ticks: Math.min(10, passes.length), tickFormat: (pass: number) => String(pass) },
    y: { label: "inertia", grid: true, ticks: 3, nice: true },
    marks: [
      Plot.line(passes, { x: "pass", y: "inertia", stroke: "var(--series-1)", strokeWidth: 2 }),
      Plot.dot(passes, { x: "pass", y: "inertia", r: 2.5, fill: "var(--series-1)" }),
    ],
  });
  return figure(chart, caption);
}

function minus(records: number): string {
  return records === 0 ? "0" : `\u2212${count(records)}`;
}

function side({ documents, bytes }: { documents: number; bytes: number }): Html {
  return html`${count(documents)}<small>${compact(bytes)}B</small>`;
}
