/** The tables of the domains stage: sums over clusters, what each domain is, and one row per document. */
import { join } from "node:path";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import { readNpy } from "../../pipeline/core/npy.ts";
import { excerpt } from "../../pipeline/domains/excerpt.ts";
import { domainNames, TermCounter } from "../../pipeline/domains/names.ts";
import type { DomainsConfig } from "../../pipeline/schema/domains-config.ts";
import type { ClusterRow, Domain, DomainTable } from "../../pipeline/schema/domain.ts";
import type { ClusterResult } from "../cluster.ts";
import { readColumn, readRows } from "./corpus-columns.ts";
import type { Duplicates } from "./drop-duplicates.ts";
import type { HoldoutResult } from "../holdout.ts";
import type { IngestResult } from "../ingest.ts";
import { eachDocument, writeTable } from "./write-table.ts";

const excerptCharacters = 280;

type Scores = ReadonlyMap<string, Float64Array>;
type ScoredCluster = Omit<ClusterRow, "domain" | "droppedBy">;

/** Documents, tokens and mean scores of every cluster; a score nobody has is left out. */
export function clusterScores(
  clusters: number,
  assignments: Int32Array,
  tokens: Uint32Array,
  scores: Scores,
): ScoredCluster[] {
  const members: number[][] = Array.from({ length: clusters }, () => []);
  assignments.forEach((cluster, row) => {
    if (cluster >= 0) members[cluster]!.push(row);
  });
  return members.map((rows, cluster) => ({
    cluster,
    documents: rows.length,
    tokens: rows.reduce((sum, row) => sum + tokens[row]!, 0),
    scores: meanScores(rows, scores),
  }));
}

/** clusters.csv: every cluster, its mean scores, and whether and by which rule it was dropped. */
export function clusterCsv(clusters: readonly ClusterRow[], scores: readonly string[]): string {
  const header = ["cluster", "documents", "tokens", "kept", "droppedBy", "domain", ...scores.map(quoted)];
  const lines = clusters.map(({ cluster, documents, tokens, droppedBy, domain, scores: means }) =>
    [
      cluster,
      documents,
      tokens,
      droppedBy === null,
      quoted(droppedBy ?? ""),
      quoted(domain ?? ""),
      ...scores.map((score) => means[score] ?? ""),
    ].join(","),
  );
  return [header.join(","), ...lines, ""].join("\n");
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Names, keywords, examples and sizes of every domain. */
export async function describeDomains(input: {
  corpus: Artifact<IngestResult>;
  clusters: Artifact<ClusterResult>;
  groups: readonly (readonly number[])[];
  rowDomain: Int32Array;
  tokens: Uint32Array;
  scores: Scores;
  config: DomainsConfig;
}): Promise<Domain[]> {
  const { corpus, clusters, groups, rowDomain, tokens, scores, config } = input;
  const members: number[][] = groups.map(() => []);
  rowDomain.forEach((domain, row) => {
    if (domain >= 0) members[domain]!.push(row);
  });
  const counter = new TermCounter(groups.length);
  let document = 0;
  for await (const { text } of eachDocument(corpus, ["text"])) {
    const domain = rowDomain[document++]!;
    if (domain >= 0) counter.add(domain, text as string);
  }
  const keywords = counter.keywords(config.keywords);
  const names = domainNames(keywords);

  const distances = (await readNpy(clusters.path("distances.npy"))).data as Float32Array;
  const sources = (await readColumn(corpus, "source")) as string[];
  const bytes = (await readColumn(corpus, "bytes")) as number[];
  const examples = members.map((rows) => nearest(rows, distances, config.representatives));
  const exampleRows = examples.flat();
  const exampleTexts = await readRows(corpus, "text", exampleRows);
  const exampleIds = await readRows(corpus, "id", exampleRows);
  const total = members.flat().reduce((sum, row) => sum + tokens[row]!, 0);

  let example = 0;
  return members.map((rows, domain) => {
    const domainTokens = rows.reduce((sum, row) => sum + tokens[row]!, 0);
    return {
      id: `domain_${domain}`,
      name: names[domain]!,
      keywords: keywords[domain]!,
      representatives: examples[domain]!.map((row) => {
        const at = example++;
        const text = excerpt(exampleTexts[at] as string, excerptCharacters);
        return { id: exampleIds[at] as string, source: sources[row]!, excerpt: text };
      }),
      clusters: [...groups[domain]!],
      documents: rows.length,
      tokens: domainTokens,
      bytes: rows.reduce((sum, row) => sum + bytes[row]!, 0),
      naturalShare: domainTokens / total,
      sources: tokenShares(rows, sources, tokens),
      scores: meanScores(rows, scores),
    };
  });
}

/** documents.parquet: where every document went, and why. */
export async function writeDocumentTable(input: {
  corpus: Artifact<IngestResult>;
  clusters: Artifact<ClusterResult>;
  table: DomainTable;
  /** Index of each row's domain; -1 for none. */
  rowDomain: Int32Array;
  scores: Scores;
  duplicates: Duplicates | undefined;
  /** Where text of the corpus is held out. */
  holdout: Artifact<HoldoutResult> | undefined;
  outDir: string;
}): Promise<void> {
  const { corpus, clusters, table, rowDomain, scores, duplicates, holdout, outDir } = input;
  const validation = holdout && (await readNpy(holdout.path("validation.npy"))).data;
  const ids = duplicates === undefined ? [] : ((await readColumn(corpus, "id")) as string[]);
  const dropsDuplicates = duplicates?.account.dropped === true;
  const assignments = (await readNpy(clusters.path("assignments.npy"))).data as Int32Array;
  const distances = (await readNpy(clusters.path("distances.npy"))).data as Float32Array;
  const columns: Record<string, string> = {
    id: "VARCHAR",
    source: "VARCHAR",
    tokens: "INTEGER",
    cluster: "INTEGER",
    domain: "VARCHAR",
    droppedBy: "VARCHAR",
    distance: "FLOAT",
  };
  if (duplicates !== undefined) columns["duplicateOf"] = "VARCHAR";
  for (const name of scores.keys()) columns[name] = "DOUBLE";
  async function* rows(): AsyncGenerator<object> {
    let row = 0;
    for await (const { id, source, tokens } of eachDocument(corpus, ["id", "source", "tokens"])) {
      const cluster = assignments[row]!;
      const fate = cluster < 0 ? undefined : table.clusters[cluster]!;
      const original = duplicates?.of.get(row);
      const isDropped = dropsDuplicates && original !== undefined;
      yield {
        id,
        source,
        tokens,
        cluster: cluster < 0 ? null : cluster,
        domain: table.domains[rowDomain[row]!]?.id ?? null,
        droppedBy:
          fate === undefined
            ? validation === undefined
              ? "near duplicate of a target"
              : validation[row] === 0
                ? "near duplicate of held-out text"
                : "held out"
            : isDropped
              ? "near duplicate of a document"
              : fate.droppedBy,
        distance: cluster < 0 ? null : distances[row]!,
        ...(original !== undefined && { duplicateOf: ids[original] }),
        ...Object.fromEntries(
          [...scores].map(([name, of]) => [name, Number.isNaN(of[row]!) ? null : of[row]!]),
        ),
      };
      row++;
    }
  }
  await writeTable(join(outDir, "documents.parquet"), columns, rows());
}

function meanScores(rows: readonly number[], scores: Scores): Record<string, number> {
  const means: Record<string, number> = {};
  for (const [name, values] of scores) {
    let sum = 0;
    let count = 0;
    for (const row of rows) {
      const value = values[row]!;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    if (count > 0) means[name] = sum / count;
  }
  return means;
}

/** The rows nearest their own cluster's centroid: typical of some part of the domain. */
function nearest(rows: readonly number[], distances: Float32Array, count: number): number[] {
  const order = [...rows].sort((left, right) => distances[left]! - distances[right]! || left - right);
  return order.slice(0, count);
}

function tokenShares(
  rows: readonly number[],
  sources: readonly string[],
  tokens: Uint32Array,
): Record<string, number> {
  const sums = new Map<string, number>();
  let total = 0;
  for (const row of rows) {
    sums.set(sources[row]!, (sums.get(sources[row]!) ?? 0) + tokens[row]!);
    total += tokens[row]!;
  }
  const sorted = [...sums].sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(sorted.map(([source, sum]) => [source, sum / total]));
}
