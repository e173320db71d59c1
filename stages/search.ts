/**
 * Stage 6: find the domain weights (paper, section 3.2).
 *
 *   in    the corpus and targets as tokens, their split, the domains
 *   out   search.json   every round, every trial, the final table on held-out text, the verdict
 *
 * The loop itself is pipeline/search/climb-search.ts; here it gets its parts: the sampler with its
 * constraints, proxies that run by shards, and the trial ledger that makes any interruption harmless.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { InputError } from "../pipeline/core/errors.ts";
import { withLock } from "../pipeline/core/run-lock.ts";
import type { Stage, StageContext } from "../pipeline/core/stage.ts";
import { Random } from "../pipeline/math/random.ts";
import { naturalMixture, uniformMixture } from "../pipeline/mixture/baselines.ts";
import { maxWeights } from "../pipeline/mixture/constraints.ts";
import { createSampler } from "../pipeline/mixture/sampler.ts";
import { chooseObjective } from "../pipeline/predictor/choose.ts";
import { ngramIdentity } from "../pipeline/proxy/ngram/create-ngram-proxy.ts";
import type { BudgetConfig, SearchConfig, TargetConfig } from "../pipeline/schema/config.ts";
import { DomainTable } from "../pipeline/schema/domain.ts";
import { SearchResult, Trial } from "../pipeline/schema/search.ts";
import { climbSearch, type Mixture } from "../pipeline/search/climb-search.ts";
import {
  type ConfirmMeasurement,
  type ConfirmTarget,
  type Finalist,
  finalTable,
} from "../pipeline/search/final-table.ts";
import { sumByGroup } from "../pipeline/search/sum-by-group.ts";
import { trialKey, type TrialSetting } from "../pipeline/search/measure-trial.ts";
import { TrialLedger } from "../pipeline/search/trial-ledger.ts";
import { judge } from "../pipeline/search/verdict.ts";
import type { DomainsResult } from "./domains.ts";
import type { HoldoutResult } from "./holdout.ts";
import type { IngestResult } from "./ingest.ts";
import { runAsScript } from "./shard-main.ts";
import { confirm, type ProxySetting, readTargetGroups, readTargets, trials } from "./trial-shards.ts";

export const SearchStageResult = z.strictObject({ trials: z.int(), verdict: SearchResult.shape.verdict });
export type SearchStageResult = z.infer<typeof SearchStageResult>;

export interface SearchStageConfig {
  readonly search: SearchConfig;
  readonly budget: BudgetConfig;
  readonly targets: readonly Pick<TargetConfig, "name" | "weight">[];
  readonly tokenizer: string;
  readonly seed: number;
}

interface SearchInputs {
  corpus: Artifact<IngestResult>;
  targets: Artifact<IngestResult>;
  holdout: Artifact<HoldoutResult>;
  domains: Artifact<DomainsResult>;
  [role: string]: Artifact;
}

/** Candidates for the answer that are measured besides the trials: the predicted best and the top average. */
const proposals = 2;

export const search: Stage<SearchStageConfig, SearchInputs, SearchStageResult> = {
  name: "search",
  version: 3,
  entry: import.meta.filename,
  result: SearchStageResult,
  recorded: ({ search: { shardTrials: _, ...search }, ...config }) => ({
    ...config,
    search,
    proxy: ngramIdentity(search.proxy),
  }),
  steps: { trials, confirm },

  run(config, inputs, context) {
    // Searches of other settings over the same domains append to the same ledger.
    return withLock(`${ledgerPath(inputs, context)}.lock`, () => searchDomains(config, inputs, context));
  },
};

async function searchDomains(
  config: SearchStageConfig,
  inputs: SearchInputs,
  context: StageContext,
): Promise<SearchStageResult> {
  const { search, budget, targets } = config;
  const random = new Random(config.seed).fork("search");
  const table = DomainTable.parse(JSON.parse(await readFile(inputs.domains.path("domains.json"), "utf8")));
  if (table.domains.length < 2) {
    throw new InputError(
      `there is only ${table.domains.length} domain, so there is nothing to search`,
      "raise domains.merge.domains or cluster.clusters, or lower domains.merge.maxDomainShare",
    );
  }
  const shares = table.domains.map((domain) => domain.naturalShare);
  const caps = maxWeights(
    table.domains.map((domain) => domain.tokens),
    budget,
  );
  const sample = createSampler({ naturalShares: shares, maxWeights: caps, sampler: search.sampler });
  const proxy = proxySetting(config, inputs);
  const setting = trialSetting(config, inputs, proxy);
  const evaluate = await trialRunner(config, proxy, setting, ledgerPath(inputs, context), context);

  const note = (text: string) => context.progress({ event: "note", stage: "search", text });
  const outcome = await climbSearch(
    search,
    {
      sample,
      evaluate,
      fit: (measured, fitRandom) => {
        const fitted = chooseObjective({
          trials: measured,
          targetWeights: new Map(targets.map(({ name, weight }) => [name, weight])),
          candidates: search.predictors,
          folds: search.folds,
          random: fitRandom,
        });
        if (fitted.constant)
          note(`${fitted.chosen} predicts the same for every mixture: the trials do not tell them apart`);
        return fitted;
      },
      onRound: ({ round, trials, bestBitsPerByte, chosenPredictor }) =>
        note(
          `round ${round}: ${trials.length} proxies, best so far ${bestBitsPerByte.toFixed(4)} bits per byte; next predictor: ${chosenPredictor}`,
        ),
    },
    random,
  );

  // As many random mixtures as the search spent, its two proposals included: what the same money buys without a search.
  const spent = search.rounds.reduce((total, count) => total + count, 0) + proposals;
  const lottery = random.fork("lottery");
  const randomTrials = await evaluate(Array.from({ length: spent }, () => sample(lottery)));
  const finalTrials = await evaluate([
    outcome.predictedBest,
    outcome.topAverage,
    naturalMixture(shares, caps),
    uniformMixture(shares.length, caps),
  ]);
  const [predictedBest, topAverage, natural, uniform] = finalTrials as [Trial, Trial, Trial, Trial];
  const bestMeasured = best(outcome.trials);
  const candidates = [
    { name: "best-measured", select: bestMeasured },
    { name: "predicted-best", select: predictedBest },
    { name: "top-average", select: topAverage },
  ] as const;
  const winner = best(candidates.map(({ select }) => select));
  const foundBy = candidates.find(({ select }) => select === winner)!.name;

  const finalists: Finalist[] = [
    { name: "found", select: winner },
    { name: "natural", select: natural },
    { name: "uniform", select: uniform },
    { name: "best-random", select: best(randomTrials) },
    ...candidates,
  ];
  const confirmed = finalTable(
    finalists,
    await confirmTargets(config, proxy),
    await measureConfirm(config, proxy, context, finalists),
    search.resamples,
    random.fork("resample"),
  );
  const result: SearchResult = {
    domains: table.domains.map((domain) => domain.id),
    maxWeights: [...caps],
    naturalWeights: shares,
    rounds: outcome.rounds,
    trials: uniqueByKey([...outcome.trials, ...finalTrials, ...randomTrials]),
    randomTrials: randomTrials.map((trial) => trial.key),
    finalTrials: finalTrials.map((trial) => trial.key),
    foundBy,
    final: confirmed.rows,
    verdict: judge(confirmed),
  };
  await writeFile(
    join(context.outDir, "search.json"),
    `${JSON.stringify(SearchResult.parse(result), undefined, 2)}\n`,
  );
  return { trials: result.trials.length, verdict: result.verdict };
}

function ledgerPath({ domains }: SearchInputs, { artifactsDir }: StageContext): string {
  return join(artifactsDir, "trials", `${domains.name}.jsonl`);
}

/** Measures mixtures by shards, asking the ledger first. */
async function trialRunner(
  config: SearchStageConfig,
  proxy: ProxySetting,
  setting: TrialSetting,
  path: string,
  context: StageContext,
) {
  const ledger = await TrialLedger.open(path);
  if (ledger.unreadableLines > 0) {
    const text = `${path}: ${ledger.unreadableLines} unreadable lines removed; those trials are measured again`;
    context.progress({ event: "note", stage: "search", text });
  }
  return async (mixtures: readonly Mixture[]): Promise<Trial[]> => {
    const keys = mixtures.map((mixture) => trialKey(setting, mixture));
    const missing = new Map(keys.map((key, index) => [key, [...mixtures[index]!]]));
    for (const key of keys) if (ledger.get(key) !== undefined) missing.delete(key);
    const queue = [...missing.values()];
    if (queue.length > 0) {
      const size = config.search.shardTrials;
      const chunks = Array.from({ length: Math.ceil(queue.length / size) }, (_, index) =>
        queue.slice(index * size, (index + 1) * size),
      );
      const parts = await context.shards("trials", { proxy, setting }, chunks);
      for (const part of parts) {
        const measured = z
          .array(Trial)
          .parse(JSON.parse(await readFile(part.files.get("trials.json")!, "utf8")));
        await ledger.add(measured);
      }
    }
    return keys.map((key) => ledger.get(key)!);
  };
}

/** The finalists on the confirm text, once per fresh seed. */
async function measureConfirm(
  config: SearchStageConfig,
  proxy: ProxySetting,
  context: StageContext,
  finalists: readonly Finalist[],
): Promise<ConfirmMeasurement[][]> {
  const seeds = Array.from(
    { length: config.search.confirmSeeds },
    (_, index) => `${config.seed}/search/confirm/${index}`,
  );
  const parts = await context.shards(
    "confirm",
    { mixtures: finalists.map(({ select }) => select.weights) },
    seeds.map((seed) => ({ ...proxy, seed, side: "confirm" })),
  );
  return Promise.all(
    parts.map(
      async (part) =>
        JSON.parse(await readFile(part.files.get("confirm.json")!, "utf8")) as ConfirmMeasurement[],
    ),
  );
}

async function confirmTargets({ targets }: SearchStageConfig, proxy: ProxySetting): Promise<ConfirmTarget[]> {
  const setting: ProxySetting = { ...proxy, side: "confirm" };
  const groups = await readTargetGroups(setting);
  const streams = await readTargets(setting);
  return streams.map(({ name, documentBytes }, index) => ({
    name,
    weight: targets[index]!.weight,
    groupBytes: sumByGroup(documentBytes, groups[index]!),
  }));
}

/** Everything a shard needs to build the proxy; paths, so it stays out of keys. */
function proxySetting(config: SearchStageConfig, inputs: SearchInputs): ProxySetting {
  const { corpus, targets, holdout, domains } = inputs;
  const { targetTokens, proxyTokens } = config.budget;
  return {
    vocabularySize: corpus.result.vocabularySize,
    corpus: {
      files: tokenFiles(corpus),
      rowTokens: domains.path("row-tokens.npy"),
      rowDomain: domains.path("row-domain.npy"),
      domains: domains.result.domains.map(({ id }) => id),
    },
    targets: {
      files: tokenFiles(targets),
      rowTokens: holdout.path("target-tokens.npy"),
      rowBytes: holdout.path("target-bytes.npy"),
      rowTarget: holdout.path("target-index.npy"),
      rowSide: holdout.path("target-side.npy"),
      rowGroup: holdout.path("target-group.npy"),
      names: config.targets.map(({ name }) => name),
    },
    proxy: config.search.proxy,
    budget: { targetTokens, proxyTokens: proxyTokens ?? targetTokens },
    seed: `${config.seed}/search/proxy`,
    side: "select",
  };
}

function tokenFiles(artifact: Artifact<IngestResult>): { path: string; rows: number }[] {
  return artifact.result.shards.map(({ tokens, rows }) => ({ path: artifact.path(tokens), rows }));
}

function trialSetting(config: SearchStageConfig, inputs: SearchInputs, proxy: ProxySetting): TrialSetting {
  return {
    data: Object.fromEntries(Object.entries(inputs).map(([role, input]) => [role, input.fingerprint])),
    tokenizer: config.tokenizer,
    budget: proxy.budget,
    proxy: ngramIdentity(config.search.proxy),
    objective: config.targets,
    seed: proxy.seed,
    side: proxy.side,
  };
}

function best(trials: readonly Trial[]): Trial {
  return trials.reduce((best, trial) =>
    trial.objectiveBitsPerByte < best.objectiveBitsPerByte ? trial : best,
  );
}

function uniqueByKey(trials: readonly Trial[]): Trial[] {
  return [...new Map(trials.map((trial) => [trial.key, trial])).values()];
}

runAsScript(search);
