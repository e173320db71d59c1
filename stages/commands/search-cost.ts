/**
 * How much work a search's proxies are. Only the dearest kind counts: what n-grams take beside models that are trained is
 * little, and what a trainer of one's own does with its tokens is not known.
 */
import { trialFlops } from "../../pipeline/proxy/transformer/trial-flops.ts";
import type { ClimbConfig } from "../../pipeline/schema/config.ts";
import type { ProxyConfig, TransformerProxyConfig } from "../../pipeline/schema/proxy-config.ts";
import { tokensOf } from "../parts/measure-mixtures.ts";
import { proxyTokenizerOf } from "../parts/proxy-tokenizer.ts";
import type { Cost } from "./cost.ts";
import { furtherSeeds, repeatedMixtures } from "../parts/proxy-checks.ts";
import { proposals } from "../parts/search-answer.ts";

export interface Trainings {
  readonly proxy: ProxyConfig;
  readonly count: number;
  /** Run tokens of each. */
  readonly tokens: number;
}

/** Beside the rounds: the proposals, natural and uniform; and the random baseline has as many as rounds and proposals. */
const finalTrials = proposals + 2;
/** Mixtures of the final table: with a judge of its own, and with all three candidates. */
const judged = 4;
const judgedWithCandidates = 7;

/**
 * Every proxy that is trained: trials, random baseline, noise, final table, and what they start from. Trials of search.cheaper cost
 * together what the rounds' trials would that they stand for.
 */
export function trainingsOf({ search, budget }: ClimbConfig): Trainings[] {
  const rounds = search.rounds.reduce((sum, count) => sum + count, 0);
  const trials = 2 * rounds + proposals + finalTrials + repeatedMixtures * furtherSeeds;
  const judge = search.confirmProxy ?? search.proxy;
  const mixtures = search.confirmProxy === null ? judgedWithCandidates : judged;
  const warm = [search.proxy, judge, ...search.cheaper.map(({ proxy }) => proxy)].flatMap(
    (proxy): Trainings[] => {
      const tokens = proxy.kind === "transformer" ? proxy.warmStartTokens : null;
      return tokens === null ? [] : [{ proxy, count: 1, tokens }];
    },
  );
  return [
    { proxy: search.proxy, count: trials, tokens: tokensOf(search.proxy, budget) },
    { proxy: judge, count: mixtures * search.confirmSeeds, tokens: tokensOf(judge, budget) },
    ...warm,
  ];
}

/** @param targetTokens run tokens of all targets, which every proxy is measured on half of; 0 while they are not known */
export function searchCost(config: ClimbConfig, targetTokens = 0): Cost {
  const trainings = trainingsOf(config);
  const ofKind = (kind: ProxyConfig["kind"]) => trainings.filter(({ proxy }) => proxy.kind === kind);
  const [external, transformers] = [ofKind("external"), ofKind("transformer")];
  if (external.length > 0) return { amount: allTokens(external), unit: "external proxy tokens" };
  if (transformers.length === 0) return { amount: allTokens(trainings), unit: "proxy tokens" };
  const operations = transformers.reduce(
    (sum, training) => sum + training.count * operationsOf(training, config, targetTokens),
    0,
  );
  return { amount: operations / 1e9, unit: "GFLOP of transformers" };
}

function allTokens(trainings: readonly Trainings[]): number {
  return trainings.reduce((sum, { count, tokens }) => sum + count * tokens, 0);
}

/** Of one trial on half of the targets. The run's tokens count for the proxy's. */
function operationsOf({ proxy, tokens }: Trainings, config: ClimbConfig, targetTokens: number): number {
  const tokenizer = proxyTokenizerOf(config, false);
  const vocabulary = tokenizer?.kind === "bpe" ? tokenizer.vocabularySize : pretrainedVocabulary;
  const read = { trained: tokens, measured: targetTokens / 2 };
  return trialFlops(proxy as TransformerProxyConfig, vocabulary, read);
}

/** GPT-2's, about which many others are. */
const pretrainedVocabulary = 50_257;
