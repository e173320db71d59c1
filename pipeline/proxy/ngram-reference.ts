import type { NgramProxyConfig } from "../schema/proxy-config.ts";
import { domainSize, streamDocuments } from "./pool.ts";
import type { Proxy, ProxyInput, ProxyTarget } from "./proxy.ts";
import { countPerToken, planTokens } from "./token-plan.ts";

interface Context {
  total: number;
  followers: Map<number, Follower>;
}

interface Follower {
  count: number;
  /** Smallest of what its tokens count for. */
  least: number;
}

/** By the context's tokens, joined with spaces; "" is the empty one. */
type Counts = Map<string, Context>;

/**
 * The n-gram proxy done plainly: draws the stream of every mixture, counts all its n-grams, and looks the targets up.
 * Seconds where `createNgramProxy` takes milliseconds; the same numbers, which the tests prove.
 */
export function createNgramReference(input: ProxyInput, config: NgramProxyConfig): Proxy {
  const { domains, targets, budget, seed } = input;
  return {
    identity: "ngram-reference",
    async evaluate(weights, signal) {
      signal?.throwIfAborted();
      const plan = planTokens(weights, domains.map(domainSize), budget, input.sequences);
      const counts: Counts = new Map();
      domains.forEach((domain, k) => {
        const stream = streamDocuments(domain, plan.prefixTokens[k]!, seed);
        const perToken = countPerToken(plan.epochs[k]!, config);
        stream.documentStarts.forEach((start, d) => {
          const end = stream.documentStarts[d + 1] ?? stream.tokens.length;
          countDocument(counts, [...stream.tokens.subarray(start, end)], perToken, config.order);
        });
      });
      const probability = smooth(counts, config.discount, input.vocabularySize);
      return {
        targets: targets.map((target) => ({
          name: target.name,
          documentNats: documentNats(target, config.order, probability),
        })),
        drawnTokens: plan.drawnTokens,
        epochs: plan.epochs,
      };
    },
  };
}

function countDocument(counts: Counts, document: readonly number[], perToken: number, order: number): void {
  document.forEach((token, i) => {
    for (let length = 0; length < order && length <= i; length++) {
      const key = document.slice(i - length, i).join(" ");
      const context = counts.get(key) ?? { total: 0, followers: new Map<number, Follower>() };
      counts.set(key, context);
      context.total += perToken;
      const { count, least } = context.followers.get(token) ?? { count: 0, least: perToken };
      context.followers.set(token, { count: count + perToken, least: Math.min(least, perToken) });
    }
  });
}

type Probability = (token: number, context: readonly number[]) => number;

function smooth(counts: Counts, discount: number, vocabularySize: number): Probability {
  const probability: Probability = (token, context) => {
    const shorter = context.length === 0 ? 1 / vocabularySize : probability(token, context.slice(1));
    const seen = counts.get(context.join(" "));
    if (seen === undefined) return shorter;
    const { count, least } = seen.followers.get(token) ?? { count: 0, least: 0 };
    const followerWeight = [...seen.followers.values()].reduce((sum, follower) => sum + follower.least, 0);
    return (count - discount * least + discount * followerWeight * shorter) / seen.total;
  };
  return probability;
}

function documentNats(target: ProxyTarget, order: number, probability: Probability): Float64Array {
  return Float64Array.from(target.documentEnds, (end, d) => {
    const document = [...target.tokens.subarray(d === 0 ? 0 : target.documentEnds[d - 1], end)];
    return document.reduce(
      (nats, token, i) =>
        i < (target.contextTokens?.[d] ?? 0)
          ? nats
          : nats - Math.log(probability(token, document.slice(Math.max(0, i - order + 1), i))),
      0,
    );
  });
}
