import type { NgramProxyConfig } from "../../schema/proxy-config.ts";
import { checkInput } from "../check-input.ts";
import { domainSize, streamDocuments } from "../pool.ts";
import type { Proxy, ProxyInput, ProxyTarget } from "../proxy.ts";
import { countPerToken, planTokens, scalePools } from "../token-plan.ts";
import { addFollowerWeights } from "./followers.ts";
import { indexStreams, type LevelIndex } from "./ngram-index.ts";
import { addCounts } from "./occurrences.ts";
import { collectTargetNgrams, type NgramLevel, type TargetNgrams } from "./target-ngrams.ts";

/**
 * The exact n-gram language model of any mixture, without recounting: an n-gram's count in the drawn stream is the sum
 * over domains of its count in a prefix times what each token counts for, and distinct followers follow from first
 * positions. Interpolated absolute discounting (Ney, Essen and Kneser 1994) with raw counts at every order:
 *
 *   p(x | h) = (c(h x) - d m(h x) + d M(h) p(x | shorter h)) / c(h),   p(x | shorter h) if c(h) = 0,
 *
 * down to 1 / V below the unigrams. m(h x) is what a token counts for in that domain of those holding h x where it
 * counts for least, and M(h) its sum over the followers of h. With nothing repeated m is 1 and M the number of
 * distinct followers, the textbook form. Scaling the discount with repetition is what keeps a corpus read three
 * times from looking like three times as much evidence: read evenly, it gives the same model as read once, and
 * repetition only shifts weight between domains. Contexts never cross a document's start, in training or in the targets.
 * Indexing is linear in the domains' scaled pools; one mixture then takes milliseconds.
 *
 * @throws InputError if tokens do not fit the vocabulary or the documents; ConfigError if proxyTokens > targetTokens.
 */
export function createNgramProxy(input: ProxyInput, config: NgramProxyConfig): Proxy {
  checkInput(input);
  const { domains, targets, budget, vocabularySize } = input;
  const domainSizes = domains.map(domainSize);
  const poolTokens = scalePools(
    domainSizes.map((domain) => domain.tokens),
    budget,
  );
  // No mixture draws beyond its whole budget, so neither does the index.
  const runBudget = budget.proxyTokens ?? budget.targetTokens;
  const streams = domains.map((domain, k) => {
    const { tokens, runTokens = tokens } = domainSizes[k]!;
    const most =
      tokens === 0 ? 0 : Math.ceil((runBudget * tokens) / runTokens) + (input.sequences?.contextTokens ?? 1);
    return streamDocuments(domain, Math.min(poolTokens[k]!, most), input.seed);
  });
  const asked = collectTargetNgrams(targets, config.order);
  const index = indexStreams(asked.levels, streams, vocabularySize);

  return {
    identity: ngramIdentity(config),
    async evaluate(weights, signal) {
      signal?.throwIfAborted();
      const plan = planTokens(weights, domainSizes, budget, input.sequences);
      const perToken = plan.epochs.map((epochs) => countPerToken(epochs, config));
      const probabilities = estimate(asked.levels, index, {
        prefixes: plan.prefixTokens,
        perToken,
        discount: config.discount,
        vocabularySize,
      });
      return {
        targets: targets.map((target, t) => ({
          name: target.name,
          documentNats: sumNats(asked.targets[t]!, target, probabilities),
        })),
        drawnTokens: plan.drawnTokens,
        epochs: plan.epochs,
      };
    },
  };
}

/** Everything besides the input that decides the numbers. */
export function ngramIdentity({ order, discount, repetition, saturationEpochs }: NgramProxyConfig): string {
  const model = `ngram/3 order=${order} discount=${discount} repetition=${repetition}`;
  return repetition === "saturating" ? `${model} saturationEpochs=${saturationEpochs}` : model;
}

interface DrawnMixture {
  prefixes: readonly number[];
  perToken: readonly number[];
  discount: number;
  vocabularySize: number;
}

/** Probability of each n-gram's last token after the others; element o holds order o by the n-grams' ids. */
function estimate(
  levels: readonly NgramLevel[],
  index: readonly LevelIndex[],
  { prefixes, perToken, discount, vocabularySize }: DrawnMixture,
): Float64Array[] {
  const order = [...prefixes.keys()].sort((left, right) => perToken[left]! - perToken[right]!);
  const probabilities = [Float64Array.of(1 / vocabularySize)];
  levels.forEach((level, l) => {
    const { ngrams, contexts, followers } = index[l]!;
    const ngramCounts = new Float64Array(level.table.size);
    const contextCounts = new Float64Array(level.contextCount);
    const least = new Float64Array(level.table.size);
    const followerWeights = new Float64Array(level.contextCount);
    for (const k of order) {
      if (prefixes[k] === 0) continue;
      addCounts(ngrams[k]!, prefixes[k]!, perToken[k]!, ngramCounts, least);
      addCounts(contexts[k]!, prefixes[k]!, perToken[k]!, contextCounts);
    }
    addFollowerWeights(followers, prefixes, perToken, order, followerWeights);
    const shorter = probabilities[l]!;
    probabilities.push(
      ngramCounts.map((count, id) => {
        const context = level.contexts[id]!;
        const fallback = shorter[level.suffixes[id]!]!;
        if (contextCounts[context] === 0) return fallback;
        const kept = count - discount * least[id]!;
        return (kept + discount * followerWeights[context]! * fallback) / contextCounts[context]!;
      }),
    );
  });
  return probabilities;
}

/** -ln p of what is predicted of each document. */
function sumNats(
  { orders, ids }: TargetNgrams["targets"][number],
  { documentEnds, contextTokens }: ProxyTarget,
  probabilities: readonly Float64Array[],
): Float64Array {
  const documentNats = new Float64Array(documentEnds.length);
  let token = 0;
  for (let d = 0; d < documentEnds.length; d++) {
    token += contextTokens?.[d] ?? 0;
    for (; token < documentEnds[d]!; token++) {
      documentNats[d]! -= Math.log(probabilities[orders[token]!]![ids[token]!]!);
    }
  }
  return documentNats;
}
