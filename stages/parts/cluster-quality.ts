import type { Artifact } from "../../pipeline/core/artifact.ts";
import { imbalance, partitionAgreement } from "../../pipeline/math/partition.ts";
import type { ClusterQuality } from "../../pipeline/schema/domain.ts";
import type { ClusterResult } from "../cluster.ts";
import { readColumn } from "./corpus-columns.ts";
import type { IngestResult } from "../ingest.ts";

/** Imbalance, and how clusters and domains agree with the columns that say what a document is. */
export async function clusterQuality(
  corpus: Artifact<IngestResult>,
  clusters: Artifact<ClusterResult>,
  assignments: Int32Array,
  rowDomain: Int32Array,
): Promise<ClusterQuality> {
  const agreement: ClusterQuality["agreement"] = [];
  const columns = ["source", ...(corpus.result.labelled > 0 ? ["label"] : [])];
  for (const column of columns) {
    const values = (await readColumn(corpus, column)) as (string | null)[];
    const names = [...new Set(values.filter((value) => value !== null))];
    if (names.length < 2) continue;
    const indexOf = new Map(names.map((name, index) => [name, index]));
    const classes = Int32Array.from(values, (value) => (value === null ? -1 : indexOf.get(value)!));
    // Of the documents that are in a domain, so that both partitions are of the same ones.
    const kept = assignments.map((cluster, row) => (rowDomain[row]! < 0 ? -1 : cluster));
    for (const [of, groups] of [
      ["clusters", kept],
      ["domains", rowDomain],
    ] as const) {
      agreement.push({ column, of, labels: names.length, ...partitionAgreement(groups, classes) });
    }
  }
  const domainSizes = new Map<number, number>();
  for (const domain of rowDomain)
    if (domain >= 0) domainSizes.set(domain, (domainSizes.get(domain) ?? 0) + 1);
  return {
    imbalance: {
      clusters: imbalance(clusters.result.sizes),
      domains: imbalance([...domainSizes.values()]),
    },
    ...(clusters.result.stability && { stability: clusters.result.stability }),
    agreement,
  };
}
