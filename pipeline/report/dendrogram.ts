import * as Plot from "@observablehq/plot";
import type { DomainTable } from "../schema/domain.ts";
import { percent, shorten } from "./format.ts";
import { type Html, html } from "./html.ts";
import { figure } from "./layout.ts";
import { drawPlot } from "./plot.ts";

interface Segment {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Which domains are alike: Ward linkage of their centres. */
export function dendrogramChart({ domains: parts, crossed, dendrogram }: DomainTable): Html | null {
  const domains = crossed?.topics ?? parts;
  if (dendrogram === undefined || dendrogram.length === 0) return null;
  const order = leafOrder(dendrogram, domains.length);
  const rows = new Map(order.map((domain, row) => [domain, row]));
  const segments: Segment[] = [];
  /** Height and row of every node, leaves first. */
  const nodes = domains.map((_, domain) => ({ height: 0, row: rows.get(domain)! }));
  for (const { left, right, height } of dendrogram) {
    const [a, b] = [nodes[left]!, nodes[right]!];
    for (const { height: below, row } of [a, b]) segments.push({ x1: below, y1: row, x2: height, y2: row });
    segments.push({ x1: height, y1: a.row, x2: height, y2: b.row });
    nodes.push({ height, row: (a.row + b.row) / 2 });
  }
  const chart = drawPlot("Dendrogram of the domains", {
    width: 1024,
    height: 52 + 20 * domains.length,
    marginLeft: 250,
    marginRight: 30,
    marginTop: 10,
    marginBottom: 38,
    x: { label: "height of the merger (Ward)", grid: true, ticks: 6 },
    y: {
      domain: [-0.5, domains.length - 0.5],
      label: null,
      tickSize: 0,
      ticks: order.map((_, row) => row),
      tickFormat: (row: number) => {
        const { name, naturalShare } = domains[order[row]!]!;
        return `${shorten(name, 28)} ${percent(naturalShare)}`;
      },
    },
    marks: [
      Plot.link(segments, {
        x1: "x1",
        y1: "y1",
        x2: "x2",
        y2: "y2",
        stroke: "var(--bar)",
        strokeWidth: 1.6,
      }),
    ],
  });
  return figure(
    chart,
    html`Which domains are alike: Ward linkage of their centres. Those that merge far to the left would be the
    first to become one.`,
  );
}

/** Leaves from top to bottom, so that no two lines cross. */
function leafOrder(merges: NonNullable<DomainTable["dendrogram"]>, domains: number): number[] {
  const below = (node: number): number[] => {
    if (node < domains) return [node];
    const { left, right } = merges[node - domains]!;
    return [...below(left), ...below(right)];
  };
  return below(domains + merges.length - 1);
}
