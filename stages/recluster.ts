/**
 * Of a run that goes on from an earlier one: what became of the earlier run's domains, and which of its trials still say
 * something. Part of `climb domains`.
 *
 *   in    the earlier run's model, and its documents put into that model; this run's clusters and domains; whatever is
 *         left of the earlier run's search
 *   out   recluster.json   domains kept, split, merged, born and gone; pairs; trials carried over: schema/recluster.ts
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type Artifact, ArtifactFile } from "../pipeline/core/artifact.ts";
import { hashFile } from "../pipeline/core/hash.ts";
import { readNpy } from "../pipeline/core/npy.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { readDocuments } from "../pipeline/corpus/read-documents.ts";
import { carryTrials } from "../pipeline/domains/carry-trials.ts";
import { compareDomains, type Overlap } from "../pipeline/domains/compare-domains.ts";
import { Assignment } from "../pipeline/schema/assignment.ts";
import type { ClusterModel } from "../pipeline/schema/cluster-model.ts";
import { type Domain, DomainTable } from "../pipeline/schema/domain.ts";
import { Recluster } from "../pipeline/schema/recluster.ts";
import { SearchResult, type Trial } from "../pipeline/schema/search.ts";
import type { AssignResult } from "./assign.ts";
import type { ClusterResult } from "./cluster.ts";
import { clusterSizes } from "./parts/cluster-sizes.ts";
import { centroidDistances, meanCentroids } from "./parts/domain-centroids.ts";
import type { DomainsResult } from "./domains.ts";
import type { HoldoutResult } from "./holdout.ts";
import type { IngestResult } from "./ingest.ts";
import type { SearchStageConfig } from "./parts/measure-mixtures.ts";
import type { ModelResult } from "./model.ts";
import { readClusterModel } from "./parts/read-model.ts";
import { search } from "./search.ts";
import { runAsScript } from "./parts/shard-main.ts";

export const ReclusterResult = z.strictObject({
  kept: z.int(),
  born: z.int(),
  carriedTrials: z.int(),
});
export type ReclusterResult = z.infer<typeof ReclusterResult>;

interface ReclusterStageConfig {
  readonly carryShare: number;
  /** Whether the proxies have a tokenizer of their own: one trained on another corpus is another one. */
  readonly ownTokenizer: boolean;
  /** How this run will measure trials: earlier ones count only if they were measured so. */
  readonly search: SearchStageConfig;
}

interface ReclusterInputs {
  start: Artifact<ModelResult>;
  assigned: Artifact<AssignResult>;
  targets: Artifact<IngestResult>;
  holdout: Artifact<HoldoutResult>;
  clusters: Artifact<ClusterResult>;
  domains: Artifact<DomainsResult>;
  /** Of the earlier run, as far as they are left. */
  earlierSearch?: Artifact;
  earlierHoldout?: Artifact;
  [role: string]: Artifact;
}

export const recluster: Stage<ReclusterStageConfig, ReclusterInputs, ReclusterResult> = {
  name: "recluster",
  version: 2,
  entry: import.meta.filename,
  result: ReclusterResult,
  recorded: ({ search: config, ...own }) => ({ ...own, search: search.recorded(config) }),
  steps: {},

  async run({ carryShare, ownTokenizer, search: config }, inputs, { outDir, progress }) {
    const { start, assigned, domains } = inputs;
    const old = await readClusterModel(start);
    const table = DomainTable.parse(JSON.parse(await readFile(domains.path("domains.json"), "utf8")));
    const fresh = topicsOf(table);
    const rows = await readRows(inputs, old, fresh);
    const overlap = overlapOf(old, fresh, rows);
    const compared = compareDomains(overlap);
    const distances = centroidDistances(
      await meanCentroids(start, old.domains, clusterSizes(rows.oldCluster, old.clusters)),
      await meanCentroids(inputs.clusters, fresh.topics, inputs.clusters.result.sizes),
    );
    const crossed = old.crossed || table.crossed !== undefined;
    const earlier = inputs.earlierSearch === undefined ? [] : await earlierTrials(inputs.earlierSearch);
    const differs = [
      ...(await whatDiffers(inputs, config, ownTokenizer)),
      // Trials are of the parts, of which the model knows nothing.
      ...(crossed ? ["domains, which are crossed"] : []),
      ...(earlier === null ? ["version of climb, whose trials are written otherwise"] : []),
    ];
    const tolerance = 1 - carryShare;
    const carried = differs.length > 0 ? [] : carryTrials(earlier ?? [], overlap, tolerance);
    const found: Recluster = {
      schemaVersion: 1,
      from: start.name,
      drift: Assignment.parse(JSON.parse(await readFile(assigned.path("assignment.json"), "utf8"))).drift,
      old: compared.old,
      new: compared.new,
      pairs: compared.pairs.map(({ old: o, new: n, overlap: shared }) => ({
        old: overlap.old[o]!.id,
        new: overlap.new[n]!.id,
        overlap: shared,
        centroidDistance: distances[o]![n]!,
        nearestBothWays:
          distances[o]!.every((other) => other >= distances[o]![n]!) &&
          distances.every((row) => row[n]! >= distances[o]![n]!),
      })),
      trials: {
        differs,
        earlier: earlier?.length ?? 0,
        tolerance,
        carried,
        text: trialsText(earlier?.length ?? 0, carried.length, carryShare, differs),
      },
    };
    progress({ event: "note", stage: "recluster", text: found.trials.text });
    const text = `${JSON.stringify(Recluster.parse(found), undefined, 2)}\n`;
    await writeFile(join(outDir, "recluster.json"), text);
    return {
      kept: found.pairs.length,
      born: found.new.filter(({ fate }) => fate === "born").length,
      carriedTrials: carried.length,
    };
  },
};

/** Of every corpus row that may train: where the old model puts it, where this run did. */
interface Rows {
  /** Cluster of the old model; -1 for rows that may not train. */
  readonly oldCluster: Int32Array;
  /** Index of the old domain; -1 for pruned clusters and for what fits none. */
  readonly oldDomain: Int32Array;
  /** Index of the new domain; -1 for none. */
  readonly newDomain: Int32Array;
  readonly tokens: Uint32Array;
}

/** This run's domains as they were before they were crossed with anything. */
interface Topics {
  readonly topics: readonly Pick<Domain, "id" | "name" | "clusters">[];
  /** Index of each domain's topic. */
  readonly topicOf: readonly number[];
}

function topicsOf({ domains, crossed }: DomainTable): Topics {
  if (crossed === undefined) return { topics: domains, topicOf: [...domains.keys()] };
  const { topics } = crossed;
  return {
    topics,
    topicOf: domains.map(({ id }) => topics.findIndex((topic) => topic.domains.includes(id))),
  };
}

async function readRows(
  { assigned, clusters, domains }: ReclusterInputs,
  old: ClusterModel,
  { topicOf }: Topics,
): Promise<Rows> {
  const assignments = (await readNpy(clusters.path("assignments.npy"))).data as Int32Array;
  const rowDomain = (await readNpy(domains.path("row-domain.npy"))).data as Int32Array;
  const newDomain = rowDomain.map((domain) => topicOf[domain] ?? -1);
  const tokens = (await readNpy(domains.path("row-tokens.npy"))).data as Uint32Array;
  const oldCluster = new Int32Array(assignments.length).fill(-1);
  const oldDomain = new Int32Array(assignments.length).fill(-1);
  const indexOf = new Map(old.domains.map(({ id }, index) => [id, index]));
  let row = 0;
  for (const file of assigned.result.files) {
    const columns = ["cluster", "domain", "fits"];
    for await (const batch of readDocuments(assigned.path(file), columns, { batchRows: 2048 })) {
      for (const { cluster, domain, fits } of batch) {
        if (assignments[row]! >= 0) {
          oldCluster[row] = cluster as number;
          if (domain !== null && fits === true) oldDomain[row] = indexOf.get(domain as string)!;
        }
        row++;
      }
    }
  }
  return { oldCluster, oldDomain, newDomain, tokens };
}

function overlapOf(
  old: ClusterModel,
  { topics }: Topics,
  { oldCluster, oldDomain, newDomain, tokens }: Rows,
): Overlap {
  const shared = old.domains.map(() => Array.from({ length: topics.length + 1 }, () => 0));
  const newTokens = topics.map(() => 0);
  tokens.forEach((count, row) => {
    if (newDomain[row]! >= 0) newTokens[newDomain[row]!]! += count;
    if (oldCluster[row]! < 0 || oldDomain[row]! < 0) return;
    const column = newDomain[row]! < 0 ? topics.length : newDomain[row]!;
    shared[oldDomain[row]!]![column]! += count;
  });
  return {
    old: old.domains.map(({ id, name }) => ({ id, name })),
    new: topics.map(({ id, name }) => ({ id, name })),
    tokens: shared,
    newTokens,
  };
}

/** Why earlier trials would not be comparable; empty if they are. */
async function whatDiffers(
  inputs: ReclusterInputs,
  config: SearchStageConfig,
  ownTokenizer: boolean,
): Promise<string[]> {
  const { earlierSearch, earlierHoldout, targets, holdout } = inputs;
  if (earlierSearch === undefined || earlierHoldout === undefined)
    return ["its search is not there any more"];
  const differs: string[] = [];
  const before = await recordedConfig(earlierSearch);
  const now = search.recorded(config) as Record<string, unknown>;
  for (const key of ["budget", "targets", "tokenizer", "proxy"]) {
    if (!isDeepStrictEqual(before[key], JSON.parse(JSON.stringify(now[key])))) differs.push(key);
  }
  if (ownTokenizer || earlierSearch.inputs["tokens"] !== undefined) differs.push("proxy tokenizer");
  if (earlierSearch.inputs["targets"] !== targets.name) differs.push("target documents");
  if (config.search.domainsWeight > 0) differs.push("domains whose own text counts");
  // The split depends on the targets and the seed, but its artifact also covers the corpus.
  const files = ["target-side.npy", "target-index.npy"];
  for (const file of files) {
    const same = (await hashFile(earlierHoldout.path(file))) === (await hashFile(holdout.path(file)));
    if (!same && !differs.includes("split of the targets")) differs.push("split of the targets");
  }
  return differs;
}

async function recordedConfig({ path }: Artifact): Promise<Readonly<Record<string, unknown>>> {
  const file = ArtifactFile.parse(JSON.parse(await readFile(path("artifact.json"), "utf8")));
  return file.config as Readonly<Record<string, unknown>>;
}

/** Null where another version of climb wrote them in another way. */
async function earlierTrials({ path }: Artifact): Promise<Trial[] | null> {
  const found = SearchResult.safeParse(JSON.parse(await readFile(path("search.json"), "utf8")));
  return found.data?.trials ?? null;
}

function trialsText(
  earlier: number,
  carried: number,
  carryShare: number,
  differs: readonly string[],
): string {
  if (differs.length > 0) {
    return `none of the earlier run's trials is carried over, since these differ: ${differs.join(", ")}; they stay in its ledger`;
  }
  return (
    `${carried} of the earlier run's ${earlier} trials inform the predictor: those that drew only from domains that are ` +
    `unions of new ones by at least ${(100 * carryShare).toFixed(0)} % of the tokens; the others stay in its ledger`
  );
}

runAsScript(recluster);
