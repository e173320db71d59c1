/**
 * CLIMB, from raw documents to a mixture (arXiv 2504.13161), as data flow: read this file first.
 * Every stage reuses its artifact when config and inputs are those it was made from.
 */
import type { Artifact } from "../pipeline/core/artifact.ts";
import { gitLineage } from "../pipeline/core/git-lineage.ts";
import { type Environment, runStage } from "../pipeline/core/stage.ts";
import { embedderIdentity } from "../pipeline/embed/create-embedder.ts";
import { CleanConfig } from "../pipeline/schema/clean-config.ts";
import type { ClimbConfig } from "../pipeline/schema/config.ts";
import type { ScaleResult } from "../pipeline/schema/scale.ts";
import { checkBudget } from "./parts/check-budget.ts";
import { checkObjective, checkQuestions } from "./parts/check-objective.ts";
import { cluster, type ClusterResult } from "./cluster.ts";
import { domains, type DomainsResult } from "./domains.ts";
import { embed, type EmbedResult } from "./embed.ts";
import { exportMixture, type ExportResult } from "./export.ts";
import { givenClusters } from "./given-clusters.ts";
import { checkGiven } from "./parts/check-given.ts";
import { hashedFile } from "./parts/hashed-file.ts";
import { holdout, type HoldoutResult } from "./holdout.ts";
import { ingest, type IngestResult } from "./ingest.ts";
import { ingestConfig } from "./parts/ingest-config.ts";
import { labels } from "./labels.ts";
import { model, type ModelResult } from "./model.ts";
import { recount, recountConfig } from "./recount.ts";
import { report, type ReportResult } from "./report.ts";
import { findProxyTokenizer, proxyTokenizerOf } from "./parts/proxy-tokenizer.ts";
import { compareWith, openEarlierRun } from "./parts/earlier-run.ts";
import { searchConfig } from "./parts/measure-mixtures.ts";
import type { ReclusterResult } from "./recluster.ts";
import { hashClassifiers } from "./parts/score-documents.ts";
import { readOutsideWeights } from "./parts/search-setting.ts";
import { scale } from "./scale.ts";
import { search, type SearchStageResult } from "./search.ts";
import { otherTokenizers, recountRole } from "./commands/target-mixtures.ts";
import { tokens, type TokensResult } from "./tokens.ts";

export const stageNames = [
  "ingest",
  "embed",
  "holdout",
  "cluster",
  "domains",
  "tokens",
  "search",
  "export",
  "report",
] as const;
export type StageName = (typeof stageNames)[number];

/** The artifacts of a run, as far as it was asked to go. */
export interface Run {
  corpus: Artifact<IngestResult>;
  targets: Artifact<IngestResult>;
  corpusVectors: Artifact<EmbedResult>;
  targetVectors: Artifact<EmbedResult>;
  holdout: Artifact<HoldoutResult>;
  clusters: Artifact<ClusterResult>;
  domains: Artifact<DomainsResult>;
  model: Artifact<ModelResult>;
  /** Only where the proxies do not read the run's own tokens. */
  tokens: Artifact<TokensResult>;
  recluster: Artifact<ReclusterResult>;
  search: Artifact<SearchStageResult>;
  /** Only where it was asked for: climb confirm. */
  scale: Artifact<ScaleResult>;
  mixture: Artifact<ExportResult>;
  report: Artifact<ReportResult>;
}

/** Runs one stage; the default is core's runStage, a dry run passes one that only looks. */
export type StageRunner = typeof runStage;

export async function climb(
  config: ClimbConfig,
  environment: Environment,
  until: StageName = "report",
  stage: StageRunner = runStage,
): Promise<Partial<Run>> {
  const { seed, tokenizer } = config;
  checkObjective(config);
  checkGiven(config);
  const run: Partial<Run> = {};
  const forCorpus = { ...environment, label: "corpus" };
  const forTargets = { ...environment, label: "targets" };

  // 1. Raw documents become one table; the targets, which judge, become another.
  const { sources, ...reading } = config.corpus;
  const corpusFiles = await ingestConfig({ tokenizer, reading }, sources, environment);
  const targetSources = config.targets.map(({ weight: _, measure: __, ...source }) => ({
    ...source,
    scores: [],
  }));
  // What judges is taken as it is, and questions may be short.
  const readingTargets = { ...reading, minCharacters: 1, signals: [], clean: CleanConfig.parse({}) };
  const targetFiles = await ingestConfig({ tokenizer, reading: readingTargets }, targetSources, environment);
  const judges = config.benchmarks.map((source) => ({ ...source, scores: [] }));
  const corpus = (run.corpus = await stage(ingest, corpusFiles, {}, forCorpus));
  const targets = (run.targets = await stage(ingest, targetFiles, {}, forTargets));
  checkBudget(config.budget, corpus.result?.tokens);
  checkQuestions(config.targets, targets.result?.questions);
  if (until === "ingest") return run;

  // 2. Every document gets a vector; of a corpus that comes with its domains, only the targets.
  const { from } = config.domains;
  const embedding = { embed: config.embed, identity: await embedderIdentity(config.embed) };
  if (from === "clusters") run.corpusVectors = await stage(embed, embedding, { corpus }, forCorpus);
  const { corpusVectors } = run;
  const targetVectors = (run.targetVectors = await stage(embed, embedding, { corpus: targets }, forTargets));
  if (until === "embed") return run;

  // 3. Training text that nearly duplicates a target or benchmark goes; targets split into a seen and an unseen half.
  const benchmarkFiles =
    judges.length > 0
      ? await ingestConfig({ tokenizer, reading: readingTargets }, judges, environment)
      : null;
  const benchmarks =
    benchmarkFiles && (await stage(ingest, benchmarkFiles, {}, { ...environment, label: "benchmarks" }));
  const names = config.targets.map(({ name }) => name);
  const apart = (run.holdout = await stage(
    holdout,
    { holdout: config.holdout, targets: names, seed },
    {
      corpus,
      targets,
      ...(corpusVectors && { corpusVectors }),
      targetVectors,
      ...(benchmarks && { benchmarks }),
    },
    environment,
  ));
  if (until === "holdout") return run;

  // 4. k-means into many small clusters (paper: 1000), from an earlier run's centroids where there is one; or the clusters
  // of a k-means elsewhere; or one for each label that is there already.
  const earlier =
    config.recluster === null ? null : await openEarlierRun(config.recluster, from, environment.artifactsDir);
  const clusters = (run.clusters =
    corpusVectors === undefined
      ? await stage(
          labels,
          { column: from === "sources" ? "source" : "label" },
          { corpus, holdout: apart },
          environment,
        )
      : config.cluster.given !== null
        ? await stage(
            givenClusters,
            await hashedFile("cluster.given", config.cluster.given, environment.artifactsDir),
            { corpus, vectors: corpusVectors, holdout: apart },
            environment,
          )
        : await stage(
            cluster,
            { cluster: config.cluster, seed },
            { corpus, vectors: corpusVectors, holdout: apart, ...(earlier && { start: earlier.model }) },
            environment,
          ));
  if (until === "cluster") return run;

  // 5. Drop the poor ones, merge the rest into domains, name them (paper: 240, then 21).
  const found = (run.domains = await stage(
    domains,
    { domains: config.domains, classifiers: await hashClassifiers(config.domains), seed },
    {
      corpus,
      ...(corpusVectors && { vectors: corpusVectors }),
      clusters,
      ...(config.holdout.validation && { holdout: apart }),
    },
    environment,
  ));
  // Kept as a model, which later corpora can be put into.
  if (corpusVectors !== undefined) {
    run.model = await stage(
      model,
      { embed: config.embed, reading, tokenizer },
      { corpus, vectors: corpusVectors, clusters, domains: found },
      environment,
    );
  }
  // Of a run that goes on from an earlier one: what became of its domains, which of its trials still hold.
  const searching = { ...searchConfig(config), outside: await readOutsideWeights(config.search) };
  const now = { corpus, targets, holdout: apart, clusters, domains: found };
  if (earlier !== null && corpusVectors !== undefined) {
    const how = { search: searching, ownTokenizer: config.proxyTokenizer !== null };
    run.recluster = await compareWith(earlier, { ...now, vectors: corpusVectors }, how, stage, environment);
  }
  const since = run.recluster && { recluster: run.recluster };
  if (until === "domains") return run;

  // 7. Proxies that have a tokenizer of their own read the domains in its tokens.
  const proxyTokenizer = proxyTokenizerOf(config, (targets.result?.questions ?? 0) > 0);
  if (proxyTokenizer !== null) {
    const source = await findProxyTokenizer(proxyTokenizer);
    run.tokens = await stage(tokens, { source, seed }, { corpus, targets, domains: found }, environment);
  }
  if (until === "tokens") return run;

  // 8. Sample mixtures, train proxies, fit a predictor, let it choose the next ones (paper: 64, 32, 16).
  const searched = (run.search = await stage(
    search,
    searching,
    { corpus, targets, holdout: apart, domains: found, ...(run.tokens && { tokens: run.tokens }), ...since },
    environment,
  ));
  if (until === "search") return run;
  if (config.scale.enabled) {
    run.scale = await stage(
      scale,
      { searching, scale: config.scale },
      {
        corpus,
        targets,
        holdout: apart,
        domains: found,
        ...(run.tokens && { tokens: run.tokens }),
        search: searched,
      },
      environment,
    );
  }

  // 9. The mixture, for people and for trainers.
  const counted: Record<string, Artifact> = {};
  for (const name of otherTokenizers(config.export, tokenizer)) {
    counted[recountRole(name)] = await stage(
      recount,
      await recountConfig(name),
      { corpus, domains: found },
      environment,
    );
  }
  const made = {
    ...now,
    vectors: corpusVectors ?? targetVectors,
    ...since,
    ...(run.model && { model: run.model }),
    ...(run.tokens && { tokens: run.tokens }),
    search: searched,
    ...(run.scale && { scale: run.scale }),
  };
  const git = await gitLineage(import.meta.dirname);
  run.mixture = await stage(exportMixture, { config, git }, { ...made, ...counted }, environment);
  if (until === "export") return run;
  run.report = await stage(report, null, { ...made, mixture: run.mixture }, environment);
  return run;
}
