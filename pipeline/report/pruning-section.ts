import * as Plot from "@observablehq/plot";
import type { AppliedRule, ClusterRow, DomainTable } from "../schema/domain.ts";
import { compact, count, percent, plural } from "./format.ts";
import { type Html, html } from "./html.ts";
import { figure, section, table } from "./layout.ts";
import { drawPlot } from "./plot.ts";
import type { ReportInput } from "./report-input.ts";

/** The largest clusters are listed; the rest is counted. */
const listedClusters = 60;

/** What did not become part of a domain, and by which rule. */
export function pruningSection({ domains }: ReportInput): Html {
  const { rules, clusters } = domains;
  const dropped = clusters.filter(({ droppedBy }) => droppedBy !== null);
  const lead =
    dropped.length === 0
      ? html`No cluster was dropped: all ${plural(clusters.length, "cluster")} went into the domains.`
      : html`${plural(dropped.length, "cluster")} of ${count(clusters.length)} fell below a threshold; their
        ${plural(sum(dropped, "documents"), "document")} take no part in the search.`;
  return section(
    "pruning",
    "What was pruned, and why",
    lead,
    rules.length > 0 && ruleTable(rules),
    rules.length > 0 && html`<div class="charts">${rules.map((rule) => histogram(rule, clusters))}</div>`,
    dropped.length > 0 && clusterTable("The dropped clusters, largest first", dropped),
    clusterTable(
      "The kept clusters, largest first",
      clusters.filter(({ droppedBy }) => droppedBy === null),
    ),
  );
}

function ruleTable(rules: readonly AppliedRule[]): Html {
  return table(
    [
      { title: "Score" },
      { title: "Dropped below a mean of", numeric: true },
      { title: "Threshold" },
      { title: "Clusters", numeric: true },
      { title: "Documents", numeric: true },
      { title: "Tokens", numeric: true },
    ],
    rules.map((rule) => [
      html`<strong>${rule.score}</strong
        >${rule.score === "advertisement" && html` <small>5 means none</small>`}`,
      rule.minMean.toFixed(3),
      rule.dropLowestShare === null
        ? "given"
        : `of this corpus: the lowest ${percent(rule.dropLowestShare)} of the clusters`,
      count(rule.droppedClusters),
      count(rule.droppedDocuments),
      compact(rule.droppedTokens),
    ]),
  );
}

function histogram({ score, minMean }: AppliedRule, clusters: DomainTable["clusters"]): Html | null {
  const scored = clusters.flatMap(({ scores }) => {
    const mean = scores[score];
    return mean === undefined ? [] : [{ mean, colour: mean < minMean ? "var(--down)" : "var(--bar)" }];
  });
  if (scored.length === 0) return null;
  const chart = drawPlot(`Mean ${score} of the clusters`, {
    width: 470,
    height: 210,
    marginLeft: 40,
    marginTop: 24,
    marginBottom: 42,
    x: { label: `mean ${score}`, nice: true },
    y: { label: "clusters", grid: true, ticks: 4 },
    color: { type: "identity" },
    marks: [
      Plot.rectY(
        scored,
        Plot.binX<Plot.RectYOptions>(
          { y: "count" },
          {
            x: { value: "mean", thresholds: 24 },
            fill: "colour",
            inset: 0.5,
          },
        ),
      ),
      Plot.ruleX([minMean], { stroke: "var(--ink)", strokeDasharray: "3 3" }),
      Plot.ruleY([0], { stroke: "var(--line-strong)" }),
    ],
  });
  return figure(chart, html`Clusters by their mean ${score}; those left of the dashed line are dropped.`);
}

function clusterTable(title: string, clusters: readonly ClusterRow[]): Html {
  const largest = [...clusters]
    .sort((left, right) => right.tokens - left.tokens || left.cluster - right.cluster)
    .slice(0, listedClusters);
  const scores = [...new Set(largest.flatMap((cluster) => Object.keys(cluster.scores)))].sort();
  const rest = clusters.length - largest.length;
  return html`<details>
    <summary>${title}</summary>
    ${table(
      [
        { title: "Cluster" },
        { title: "Domain, or dropped by" },
        { title: "Documents", numeric: true },
        { title: "Tokens", numeric: true },
        ...scores.map((score) => ({ title: `Mean ${score}`, numeric: true })),
      ],
      largest.map((cluster) => [
        String(cluster.cluster),
        cluster.droppedBy ?? cluster.domain,
        count(cluster.documents),
        count(cluster.tokens),
        ...scores.map((score) => cluster.scores[score]?.toFixed(3) ?? ""),
      ]),
    )}${rest > 0 && html`<p class="note">and ${plural(rest, "smaller cluster")}; clusters.csv and domains.json list them all.</p>`}
  </details> `;
}

function sum(rows: readonly ClusterRow[], field: "documents" | "tokens"): number {
  return rows.reduce((total, row) => total + row[field], 0);
}
