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
import { trialKey, type TrialSetting } from "../pipeline/search/measure-trial.ts";
import { TrialLedger } from "../pipeline/search/trial-ledger.ts";
import { judge } from "../pipeline/search/verdict.ts";
import type { DomainsResult } from "./domains.ts";
import type { HoldoutResult } from "./holdout.ts";
import type { IngestResult } from "./ingest.ts";
import { runAsScript } from "./shard-main.ts";
import { confirm, type ProxySetting, readTargets, trials } from "./trial-shards.ts";

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

export const search: Stage<SearchStageConfig, SearchInputs, SearchStageResult> = {
  name: "search",
  version: 1,
  entry: import.meta.filename,
  result: SearchStageResult,
  recorded: ({ search: { shardTrials: _, ...search }, ...config }) => ({
    ...config,
    search,
    proxy: ngramIdentity(search.proxy),
  }),
  steps: { trials, confirm },

  async run(config, inputs, context) {
    const { search, budget, targets } = config;
    const random = new Random(config.seed).fork("search");
    const table = DomainTable.parse(JSON.parse(await readFile(inputs.domains.path("domains.json"), "utf8")));
    const shares = table.domains.map((domain) => domain.naturalShare);
    const caps = maxWeights(
      table.domains.map((domain) => domain.tokens),
      budget,
    );
    const sample = createSampler({ naturalShares: shares, maxWeights: caps, sampler: search.sampler });
    const proxy = proxySetting(config, inputs);
    const setting = trialSetting(config, inputs, proxy);
    const ledgerPath = join(context.artifactsDir, "trials", `${inputs.domains.name}.jsonl`);
    const evaluate = await trialRunner(config, proxy, setting, ledgerPath, context);

    const outcome = await climbSearch(
      search,
      {
        sample,
        evaluate,
        fit: (measured, fitRandom) =>
          chooseObjective({
            trials: measured,
            targetWeights: new Map(targets.map(({ name, weight }) => [name, weight])),
            candidates: search.predictors,
            folds: search.folds,
            random: fitRandom,
          }),
        onRound: ({ round, bestBitsPerByte }) =>
          context.progress({
            event: "metric",
            stage: "search",
            name: `round ${round} best bits per byte`,
            value: bestBitsPerByte,
          }),
      },
      random,
    );

    // As many random mixtures as the search spent: what the same money buys without a search.
    const spent = search.rounds.reduce((total, count) => total + count, 0);
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
    const final = finalTable(
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
      final,
      verdict: judge(final[0]!),
    };
    await writeFile(
      join(context.outDir, "search.json"),
      `${JSON.stringify(SearchResult.parse(result), undefined, 2)}\n`,
    );
    return { trials: result.trials.length, verdict: result.verdict };
  },
};

/** Measures mixtures by shards, asking the ledger first. */
async function trialRunner(
  config: SearchStageConfig,
  proxy: ProxySetting,
  setting: TrialSetting,
  ledgerPath: string,
  context: StageContext,
) {
  const ledger = await TrialLedger.open(ledgerPath);
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
  const streams = await readTargets({ ...proxy, side: "confirm" });
  return streams.map(({ name, documentBytes }, index) => ({
    name,
    weight: targets[index]!.weight,
    documentBytes,
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

await runAsScript(search);
