import { agnes, type Cluster } from "ml-hclust";
import type { DomainTable } from "../schema/domain.ts";

/** Ward linkage of the domains' centres, unweighted, the lowest merger first; none for a single domain. */
export function linkDomains(centres: readonly ArrayLike<number>[]): NonNullable<DomainTable["dendrogram"]> {
  if (centres.length < 2) return [];
  const rows: NonNullable<DomainTable["dendrogram"]> = [];
  const inner: Cluster[] = [];
  agnes(
    centres.map((centre) => Array.from(centre)),
    { method: "ward2" },
  ).traverse((node) => {
    if (node.children.length > 0) inner.push(node);
  });
  // A merger comes after those below it, also among equal heights.
  inner.sort((a, b) => a.height - b.height || a.size - b.size || lowest(a) - lowest(b));
  const numberOf = (node: Cluster) =>
    node.children.length === 0 ? node.index : centres.length + inner.indexOf(node);
  for (const { children, height } of inner) {
    const [left, right] = children.map((child) => numberOf(child)).sort((a, b) => a - b);
    rows.push({ left: left!, right: right!, height });
  }
  return rows;
}

function lowest(node: Cluster): number {
  return Math.min(...node.indices());
}
