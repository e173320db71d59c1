/**
 * Stage 5: from clusters to domains: score, prune, merge, name (paper, sections 3.1 and D).
 *
 *   in    the corpus, its vectors, its clusters
 *   out   domains.json        rules applied, clusters kept or dropped and why, domains with names and examples
 *         clusters.csv        one line a cluster: sizes, mean scores, kept or dropped, and by which rule
 *         documents.parquet   id, source, cluster, domain, distance, tokens and every score of each document
 *         row-domain.npy      int32, one a corpus row: index of its domain, -1 for none
 *         row-tokens.npy      uint32, one a corpus row
 *         row-validation.npy  int32, one a corpus row, where text is held out: index of its domain, -1 for all other rows
 *         validation-side.npy uint8, with it: 1 for select, 2 for confirm, 0 for all other rows
 *         row-bytes.npy       uint32, with it
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { readNpy, writeNpy } from "../pipeline/core/npy.ts";
import type { Stage, StageContext } from "../pipeline/core/stage.ts";
import { labelIds } from "../pipeline/domains/label-ids.ts";
import { linkDomains } from "../pipeline/domains/link-domains.ts";
import { mergeWard } from "../pipeline/domains/merge-ward.ts";
import { nameDomains } from "../pipeline/domains/name-client.ts";
import { pruneClusters, resolveRules, type ScoredCluster } from "../pipeline/domains/prune.ts";
import { Random } from "../pipeline/math/random.ts";
import type { DomainsConfig } from "../pipeline/schema/domains-config.ts";
import { type Domain, DomainTable } from "../pipeline/schema/domain.ts";
import type { ClusterResult } from "./cluster.ts";
import { crossTopics } from "./parts/cross-topics.ts";
import { clusterQuality } from "./parts/cluster-quality.ts";
import { readColumn } from "./parts/corpus-columns.ts";
import { clusterCsv, clusterScores, describeDomains, writeDocumentTable } from "./parts/domain-tables.ts";
import { meanCentroids } from "./parts/domain-centroids.ts";
import { dropDuplicates } from "./parts/drop-duplicates.ts";
import type { EmbedResult } from "./embed.ts";
import type { HoldoutResult } from "./holdout.ts";
import type { IngestResult } from "./ingest.ts";
import { type HashedClassifier, score, scoreCorpus } from "./parts/score-documents.ts";
import { runAsScript } from "./parts/shard-main.ts";
import { writeValidationDomains } from "./parts/validation-domains.ts";

export const DomainsResult = z.strictObject({
  clusters: z.int(),
  keptClusters: z.int(),
  domains: z.array(z.strictObject({ id: z.string(), name: z.string(), documents: z.int(), tokens: z.int() })),
  /** Held-out documents of each domain. */
  validationDocuments: z.array(z.int()).optional(),
});
export type DomainsResult = z.infer<typeof DomainsResult>;

interface DomainsStageConfig {
  readonly domains: DomainsConfig;
  readonly classifiers: readonly HashedClassifier[];
  readonly seed: number;
}

interface DomainsInputs {
  corpus: Artifact<IngestResult>;
  /** Not where the domains are given. */
  vectors?: Artifact<EmbedResult>;
  clusters: Artifact<ClusterResult>;
  /** Only where text of the corpus is held out. */
  holdout?: Artifact<HoldoutResult>;
  [role: string]: Artifact;
}

export const domains: Stage<DomainsStageConfig, DomainsInputs, DomainsResult> = {
  name: "domains",
  version: 6,
  entry: import.meta.filename,
  result: DomainsResult,
  recorded: ({ domains: { quality: _, naming, ...domains }, classifiers, seed }) => ({
    // Where the names come from does not decide them: what was asked of which model does.
    domains: { ...domains, naming: naming && { model: naming.model } },
    classifiers: classifiers.map(({ model: _, ...classifier }) => classifier),
    seed,
  }),
  steps: { score },

  async run({ domains, classifiers, seed }, { corpus, vectors, clusters, holdout }, context) {
    const { outDir, shards, progress } = context;
    const assignments = (await readNpy(clusters.path("assignments.npy"))).data as Int32Array;
    const tokens = Uint32Array.from((await readColumn(corpus, "tokens")) as number[]);
    const scores = await scoreCorpus(corpus, classifiers, shards);

    const rows = clusterScores(clusters.result.clusters, assignments, tokens, scores);
    const { labels } = clusters.result;
    const preset = labels === undefined ? domains.prune.preset : "none";
    const rules = resolveRules(preset, domains.prune.rules, [...scores.keys()]);
    const { applied, droppedBy } = pruneClusters(rows.slice(0, labels?.length), rules);
    if (rows.length > droppedBy.length) droppedBy.push("no label");
    const note = (text: string) => progress({ event: "note", stage: "domains", text });
    for (const name of corpus.result.scores) {
      if (!rules.some((rule) => rule.score === name))
        note(`score '${name}' is carried along but no rule prunes by it`);
    }

    const kept = rows.filter((row) => droppedBy[row.cluster] === null);
    const groups =
      labels === undefined
        ? await mergeClusters(clusters, kept, domains, seed)
        : kept.map(({ cluster }) => [cluster]);
    if (labels === undefined && domains.merge.domains !== null && groups.length !== domains.merge.domains) {
      note(
        `${groups.length} domains instead of ${domains.merge.domains}: what the clusters and share limits allow`,
      );
    }

    const clusterDomain = new Int32Array(clusters.result.clusters).fill(-1);
    groups.forEach((group, domain) => group.forEach((member) => (clusterDomain[member] = domain)));
    const rowTopic = assignments.map((assigned) => (assigned < 0 ? -1 : clusterDomain[assigned]!));
    const describe = (members: readonly (readonly number[])[], rowDomain: Int32Array) =>
      describeDomains({ corpus, clusters, groups: members, rowDomain, tokens, scores, config: domains });
    const naming = async (found: readonly Domain[]) =>
      labels === undefined ? named(found, domains, context) : namedByLabels(found, labels);
    // Topics that are to be crossed are named first, so that their parts share the name.
    const topics = domains.cross.length > 0 ? await naming(await describe(groups, rowTopic)) : undefined;
    const crossed =
      topics &&
      (await crossTopics(domains.cross, domains.merge.minDomainShare, {
        corpus,
        topics,
        rowTopic,
        tokens,
        scores,
      }));
    crossed?.notes.forEach(note);
    const rowDomain = crossed?.rowDomain ?? rowTopic;
    const ids = crossed?.parts.map(({ id }) => id) ?? groups.map((_, index) => `domain_${index}`);
    const duplicates =
      domains.duplicates !== null && vectors !== undefined
        ? await dropDuplicates(domains.duplicates, vectors, {
            assignments,
            rowDomain,
            tokens,
            ids,
          })
        : undefined;
    const described =
      crossed === undefined
        ? await naming(await describe(groups, rowDomain))
        : (
            await describe(
              crossed.parts.map(({ topic }) => groups[topic]!),
              rowDomain,
            )
          ).map((domain, i) => ({ ...domain, id: ids[i]!, name: crossed.parts[i]!.name }));
    const whole = topics ?? described;

    const table: DomainTable = {
      rules: applied,
      clusters: rows.map((row) => ({
        ...row,
        domain: clusterDomain[row.cluster]! < 0 ? null : whole[clusterDomain[row.cluster]!]!.id,
        droppedBy: droppedBy[row.cluster] ?? null,
      })),
      domains: described,
      ...(crossed && { crossed: crossed.account }),
      ...(duplicates && { duplicates: duplicates.account }),
      ...(labels === undefined && {
        quality: await clusterQuality(corpus, clusters, assignments, rowDomain),
        dendrogram: linkDomains(await meanCentroids(clusters, whole, clusters.result.sizes)),
      }),
    };
    await writeFile(
      join(outDir, "domains.json"),
      `${JSON.stringify(DomainTable.parse(table), undefined, 2)}\n`,
    );
    await writeFile(join(outDir, "clusters.csv"), clusterCsv(table.clusters, [...scores.keys()]));
    await writeNpy(join(outDir, "row-domain.npy"), rowDomain, [rowDomain.length]);
    await writeNpy(join(outDir, "row-tokens.npy"), tokens, [tokens.length]);
    await writeDocumentTable({ corpus, clusters, table, rowDomain, scores, duplicates, holdout, outDir });
    const validationDocuments =
      holdout &&
      (await writeValidationDomains(
        {
          corpus,
          vectors,
          clusters,
          holdout,
          clusterDomain,
          domains: groups.length,
          column: domains.from === "sources" ? "source" : "label",
        },
        outDir,
      ));
    return {
      clusters: clusters.result.clusters,
      keptClusters: kept.length,
      domains: described.map(({ id, name, documents, tokens }) => ({ id, name, documents, tokens })),
      ...(validationDocuments && { validationDocuments }),
    };
  },
};

async function mergeClusters(
  clusters: Artifact<ClusterResult>,
  kept: readonly ScoredCluster[],
  { merge }: DomainsConfig,
  seed: number,
): Promise<readonly (readonly number[])[]> {
  const points = {
    ids: kept.map((row) => row.cluster),
    centroids: (await readNpy(clusters.path("centroids.npy"))).data as Float32Array,
    dimension: clusters.result.dimension,
    tokens: kept.map((row) => row.tokens),
  };
  if (merge.method === "ward") return mergeWard(points, merge);
  const { mergeKmeans } = await import("../pipeline/domains/merge-kmeans.ts");
  return mergeKmeans(points, merge, new Random(seed).fork("domains/merge"));
}

/** As a language model names them, if one is to be asked. */
async function named(
  domains: readonly Domain[],
  { naming }: DomainsConfig,
  { artifactsDir, signal }: StageContext,
): Promise<Domain[]> {
  if (naming === null) return [...domains];
  const names = await nameDomains(domains, naming, join(artifactsDir, "names"), signal);
  return domains.map((domain, i) => ({ ...domain, name: names[i]! }));
}

/** Domains of one label each are called as it is. */
function namedByLabels(domains: readonly Domain[], labels: readonly string[]): Domain[] {
  const ids = labelIds(labels);
  return domains.map((domain) => {
    const [label] = domain.clusters;
    return { ...domain, id: ids[label!]!, name: labels[label!]! };
  });
}

runAsScript(domains);
