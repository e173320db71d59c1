/**
 * How the search stage gets mixtures measured: as shards that build a proxy each, through the trial ledger, and at
 * the end on the confirm text under fresh seeds.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Artifact } from "../pipeline/core/artifact.ts";
import type { StageContext } from "../pipeline/core/stage.ts";
import { ngramIdentity } from "../pipeline/proxy/ngram/create-ngram-proxy.ts";
import type { BudgetConfig } from "../pipeline/schema/budget-config.ts";
import type { TargetConfig } from "../pipeline/schema/corpus-config.ts";
import type { SearchConfig } from "../pipeline/schema/search-config.ts";
import { Trial } from "../pipeline/schema/search.ts";
import type { Mixture } from "../pipeline/search/proposer.ts";
import type { ConfirmMeasurement, ConfirmTarget, Finalist } from "../pipeline/search/final-table.ts";
import { trialKey, type TrialSetting } from "../pipeline/search/measure-trial.ts";
import { sumByGroup } from "../pipeline/search/sum-by-group.ts";
import { TrialLedger } from "../pipeline/search/trial-ledger.ts";
import type { DomainsResult } from "./domains.ts";
import type { HoldoutResult } from "./holdout.ts";
import type { IngestResult } from "./ingest.ts";
import type { TokensResult } from "./tokens.ts";
import { type ProxySetting, readTargetGroups, readTargets } from "./trial-shards.ts";

export interface SearchStageConfig {
  readonly search: SearchConfig;
  readonly budget: BudgetConfig;
  readonly targets: readonly Pick<TargetConfig, "name" | "weight">[];
  readonly tokenizer: string;
  readonly seed: number;
}

export interface SearchInputs {
  corpus: Artifact<IngestResult>;
  targets: Artifact<IngestResult>;
  holdout: Artifact<HoldoutResult>;
  domains: Artifact<DomainsResult>;
  /** Only where the proxies do not read the run's own tokens. */
  tokens?: Artifact<TokensResult>;
  [role: string]: Artifact;
}

/** Every trial ever measured over these domains. */
export function ledgerPath({ domains }: SearchInputs, { artifactsDir }: StageContext): string {
  return join(artifactsDir, "trials", `${domains.name}.jsonl`);
}

/** Measures mixtures by shards, asking the ledger first. */
export async function trialRunner(
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
export async function measureConfirm(
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

/** The confirm text, near duplicates counted as one. */
export async function confirmTargets(
  { targets }: SearchStageConfig,
  proxy: ProxySetting,
): Promise<ConfirmTarget[]> {
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
export function proxySetting(config: SearchStageConfig, inputs: SearchInputs): ProxySetting {
  const { corpus, targets, holdout, domains, tokens } = inputs;
  const { targetTokens, proxyTokens } = config.budget;
  const ids = domains.result.domains.map(({ id }) => id);
  return {
    vocabularySize: tokens?.result.vocabularySize ?? corpus.result.vocabularySize,
    ...(tokens && { endOfDocument: tokens.result.endOfDocument }),
    domains:
      tokens === undefined
        ? {
            files: tokenFiles(corpus),
            rowTokens: domains.path("row-tokens.npy"),
            rowDomain: domains.path("row-domain.npy"),
            ids,
          }
        : tokens.result.domains.map(({ id, runTokens, file, ends }) => ({
            id,
            runTokens,
            tokens: tokens.path(file),
            documentEnds: tokens.path(ends),
          })),
    targets: {
      files:
        tokens?.result.targets.map(({ file, rows }) => ({ path: tokens.path(file), rows })) ??
        tokenFiles(targets),
      rowTokens: tokens?.path("target-tokens.npy") ?? holdout.path("target-tokens.npy"),
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

/** What a trial's key covers. */
export function trialSetting(
  config: SearchStageConfig,
  inputs: SearchInputs,
  proxy: ProxySetting,
): TrialSetting {
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
