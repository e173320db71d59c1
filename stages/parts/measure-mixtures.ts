/** How the search stage gets mixtures measured: as shards that build a proxy each, through the trial ledger. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import type { StageContext } from "../../pipeline/core/stage.ts";
import { proxyIdentity } from "../../pipeline/proxy/create-proxy.ts";
import type { BudgetConfig } from "../../pipeline/schema/budget-config.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";
import type { TargetConfig } from "../../pipeline/schema/corpus-config.ts";
import type { ProxyConfig } from "../../pipeline/schema/proxy-config.ts";
import type { SearchConfig } from "../../pipeline/schema/search-config.ts";
import { domainsTarget, Trial } from "../../pipeline/schema/search.ts";
import type { Mixture } from "../../pipeline/search/proposer.ts";
import { trialKey, type TrialSetting } from "../../pipeline/search/measure-trial.ts";
import { TrialLedger } from "../../pipeline/search/trial-ledger.ts";
import type { DomainsResult } from "../domains.ts";
import type { HoldoutResult } from "../holdout.ts";
import type { IngestResult } from "../ingest.ts";
import type { TokensResult } from "../tokens.ts";
import type { ReclusterResult } from "../recluster.ts";
import type { OutsideWeights } from "./search-setting.ts";
import type { ProxySetting } from "./trial-shards.ts";

export interface SearchStageConfig {
  readonly outside: OutsideWeights;
  readonly search: SearchConfig;
  readonly budget: BudgetConfig;
  /** With the domains' own text as the last, where search.domainsWeight counts it. */
  readonly targets: readonly Pick<TargetConfig, "name" | "weight" | "measure">[];
  readonly tokenizer: string;
  readonly seed: number;
}

/** The search's part of a run's config. */
export function searchConfig({
  search,
  budget,
  targets,
  tokenizer,
  seed,
}: ClimbConfig): Omit<SearchStageConfig, "outside"> {
  const objective: SearchStageConfig["targets"][number][] = targets.map(({ name, weight, measure }) => ({
    name,
    weight,
    measure,
  }));
  const { domainsWeight } = search;
  if (domainsWeight > 0) {
    objective.push({ name: domainsTarget, weight: domainsWeight, measure: "bits-per-byte" });
  }
  return { search, budget, targets: objective, tokenizer, seed };
}

export interface SearchInputs {
  corpus: Artifact<IngestResult>;
  targets: Artifact<IngestResult>;
  holdout: Artifact<HoldoutResult>;
  domains: Artifact<DomainsResult>;
  /** Only where the proxies do not read the run's own tokens. */
  tokens?: Artifact<TokensResult>;
  /** Of a run that goes on from an earlier one: its trials, as far as they still hold. */
  recluster?: Artifact<ReclusterResult>;
  [role: string]: Artifact;
}

/** Every trial ever measured over these domains. */
export function ledgerPath({ domains }: SearchInputs, { artifactsDir }: StageContext): string {
  return join(artifactsDir, "trials", `${domains.name}.jsonl`);
}

/** Trials of these mixtures, in their order. */
export type TrialRunner = (mixtures: readonly Mixture[]) => Promise<Trial[]>;

/** Measures mixtures by shards, asking the ledger first. */
export async function trialRunner(
  config: SearchStageConfig,
  inputs: SearchInputs,
  proxy: ProxySetting,
  context: StageContext,
): Promise<TrialRunner> {
  const setting = trialSetting(config, inputs, proxy);
  const path = ledgerPath(inputs, context);
  const ledger = await TrialLedger.open(path);
  if (ledger.unreadableLines > 0) {
    const text = `${path}: ${ledger.unreadableLines} unreadable lines removed; those trials are measured again`;
    context.progress({ event: "note", stage: "search", text });
  }
  return async (mixtures) => {
    const keys = mixtures.map((mixture) => trialKey(setting, mixture));
    const missing = new Map(keys.map((key, index) => [key, [...mixtures[index]!]]));
    for (const key of keys) if (ledger.get(key) !== undefined) missing.delete(key);
    const queue = [...missing.values()];
    if (queue.length > 0) {
      const chunks = inShards(queue, proxy.proxy, config.search.shardTrials);
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

/** The mixtures of each shard: a proxy that is trained for seconds and more is lost alone when its process dies. */
export function inShards<Mixture>(
  mixtures: readonly Mixture[],
  proxy: ProxyConfig,
  most: number,
): Mixture[][] {
  const atOnce = proxy.kind === "external" && proxy.concurrency !== null;
  const size = atOnce ? mixtures.length : proxy.kind === "ngram" ? most : 1;
  return Array.from({ length: Math.ceil(mixtures.length / size) }, (_, shard) =>
    mixtures.slice(shard * size, (shard + 1) * size),
  );
}

/** Tokens that one proxy trains on. */
export function tokensOf(
  proxy: ProxyConfig,
  { targetTokens, proxyTokens }: Pick<BudgetConfig, "targetTokens" | "proxyTokens">,
): number {
  return (proxy.kind === "ngram" ? null : proxy.tokens) ?? proxyTokens ?? targetTokens;
}

/**
 * The settings with the models trained that their proxies start from, where they do not start from random parameters. All at
 * once, because a step's files last until it is done again.
 */
export async function withWarmStarts(
  settings: readonly ProxySetting[],
  step: string,
  context: Pick<StageContext, "shards">,
): Promise<ProxySetting[]> {
  const warm = settings.flatMap(({ proxy }, index) => {
    const tokens = proxy.kind === "transformer" ? proxy.warmStartTokens : null;
    return tokens === null ? [] : [{ index, tokens }];
  });
  if (warm.length === 0) return [...settings];
  const trained = await context.shards(
    step,
    null,
    // All of the corpus, not a part scaled down as for a candidate: it stands for the phase before.
    warm.map(({ index, tokens }) => ({
      ...settings[index]!,
      budget: { targetTokens: tokens, proxyTokens: tokens },
    })),
  );
  return settings.map((setting, index) => {
    const shard = warm.findIndex((of) => of.index === index);
    return shard < 0 ? setting : { ...setting, warmStart: trained[shard]!.files.get("theta.npy")! };
  });
}

export async function withWarmStart(
  setting: ProxySetting,
  step: string,
  context: StageContext,
): Promise<ProxySetting> {
  return (await withWarmStarts([setting], step, context))[0]!;
}

/** Everything a shard needs to build the proxy; paths, so it stays out of keys. */
export function proxySetting(
  config: SearchStageConfig,
  inputs: SearchInputs,
  proxy: ProxyConfig = config.search.proxy,
): ProxySetting {
  const { corpus, targets, holdout, domains } = inputs;
  // Answer by answer, questions are only there in the proxies' own tokens.
  const asks = targets.result.questions > 0;
  const tokens = !asks && readsRunTokens(config.search, proxy) ? undefined : inputs.tokens;
  const { targetTokens, proxyTokens } = config.budget;
  const ids = domains.result.domains.map(({ id }) => id);
  const measuresDomains = config.search.domainsWeight > 0;
  const given = config.targets.filter(({ name }) => !measuresDomains || name !== domainsTarget);
  return {
    vocabularySize: tokens?.result.vocabularySize ?? corpus.result.vocabularySize,
    ...(tokens && { endOfDocument: tokens.result.endOfDocument }),
    tokenizerFolder: tokens?.path("tokenizer") ?? null,
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
        tokens?.result.targets.map(({ file, documents }) => ({ path: tokens.path(file), rows: documents })) ??
        tokenFiles(targets),
      rowTokens: holdout.path("target-tokens.npy"),
      rowBytes: holdout.path("target-bytes.npy"),
      rowTarget: holdout.path("target-index.npy"),
      rowSide: holdout.path("target-side.npy"),
      rowGroup: holdout.path("target-group.npy"),
      names: given.map(({ name }) => name),
      measures: given.map(({ measure }) => measure),
      ...(tokens && { documents: tokens.path("target-documents.npy") }),
    },
    ...(domains.result.validationDocuments && {
      validation: {
        files:
          tokens === undefined
            ? tokenFiles(corpus)
            : tokens.result.validation!.map(({ file, rows }) => ({ path: tokens.path(file), rows })),
        rowTokens: tokens?.path("validation-tokens.npy") ?? domains.path("row-tokens.npy"),
        rowBytes: domains.path("row-bytes.npy"),
        rowDomain: domains.path("row-validation.npy"),
        rowSide: domains.path("validation-side.npy"),
        ids,
        domainTokens: holdout.result.validation!.domainTokens,
        inObjective: measuresDomains,
      },
    }),
    proxy,
    budget: {
      targetTokens,
      proxyTokens: tokensOf(proxy, { targetTokens, proxyTokens }),
    },
    seed: `${config.seed}/search/proxy`,
    side: "select",
  };
}

/**
 * n-grams that search for a trained judge keep the run's own tokens: the judge's few are short, and a context of two of
 * them is little.
 */
function readsRunTokens({ confirmProxy }: SearchConfig, proxy: ProxyConfig): boolean {
  return proxy.kind === "ngram" && confirmProxy !== null && confirmProxy.kind !== "ngram";
}

function tokenFiles(artifact: Artifact<IngestResult>): { path: string; rows: number }[] {
  return artifact.result.shards.map(({ tokens, rows }) => ({ path: artifact.path(tokens), rows }));
}

/** What a trial's key covers. */
function trialSetting(
  config: SearchStageConfig,
  { recluster: _, ...inputs }: SearchInputs,
  proxy: ProxySetting,
): TrialSetting {
  return {
    data: Object.fromEntries(Object.entries(inputs).map(([role, input]) => [role, input.fingerprint])),
    tokenizer: config.tokenizer,
    budget: proxy.budget,
    proxy: proxyIdentity(proxy.proxy),
    ...(proxy.sequences && { sequences: proxy.sequences }),
    objective: config.targets,
    seed: proxy.seed,
    side: proxy.side,
  };
}
