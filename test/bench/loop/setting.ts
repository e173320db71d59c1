/** The text and the space that the compared searches share. */
import { normalise } from "../../../pipeline/math/simplex.ts";
import { type AllowedMixtures, allowMixtures } from "../../../pipeline/mixture/allowed.ts";
import { maxWeights } from "../../../pipeline/mixture/constraints.ts";
import { limitsFromCaps } from "../../../pipeline/mixture/limits.ts";
import type { ProxyInput, ProxyTarget } from "../../../pipeline/proxy/proxy.ts";
import { TransformerProxyConfig } from "../../../pipeline/schema/proxy-config.ts";
import { SamplerConfig } from "../../../pipeline/schema/search-config.ts";
import { prepareSetting, referenceTokens } from "../fidelity/setting.ts";

const large = TransformerProxyConfig.parse({
  kind: "transformer",
  width: 96,
  layers: 3,
  heads: 4,
  contextTokens: 128,
  batchSequences: 4,
  learningRate: 0.006,
  decayShare: 0.4,
});

/**
 * What a mixture is measured by: the searches by the cheap one on `select`, one of them by the dear one too; the answers by the
 * large one on `confirm`.
 */
export const models = {
  cheap: {
    side: "select",
    tokens: 98_304,
    config: TransformerProxyConfig.parse({
      kind: "transformer",
      width: 48,
      layers: 2,
      heads: 4,
      contextTokens: 64,
      batchSequences: 2,
      learningRate: 0.006,
      decayShare: 0.4,
    }),
  },
  /** As large as the judge, for half as long. */
  dear: { side: "select", tokens: referenceTokens / 2, config: large },
  large: { side: "confirm", tokens: referenceTokens, config: large },
} as const;
export type ModelName = keyof typeof models;

/** Tokens of a target's documents, half of them on either side. */
const targetTokens = 24_576;
const maxEpochs = 4;

export interface LoopSetting {
  /** Of the text. */
  readonly hash: string;
  readonly input: Omit<ProxyInput, "targets" | "budget" | "seed">;
  /** Kinds of text of which no domain holds any: every other document is kept from the searches. */
  readonly targets: Readonly<Record<"select" | "confirm", ProxyTarget[]>>;
  /** Token shares of the domains. */
  readonly prior: Float64Array;
  readonly allowed: AllowedMixtures;
}

export async function prepareLoop(): Promise<LoopSetting> {
  const { hash, vocabularySize, endOfDocument, domains, targets, inDomain } =
    await prepareSetting(targetTokens);
  const foreign = targets.filter(({ name }) => !inDomain.has(name));
  const tokens = domains.map((domain) => domain.tokens.length);
  const prior = normalise(tokens);
  const caps = maxWeights(tokens, { targetTokens: referenceTokens, maxEpochs, proxyTokens: null });
  return {
    hash,
    input: { vocabularySize, endOfDocument, domains: [...domains] },
    targets: {
      select: foreign.map((target) => everyOther(target, 0)),
      confirm: foreign.map((target) => everyOther(target, 1)),
    },
    prior,
    allowed: allowMixtures(limitsFromCaps(prior, caps, SamplerConfig.parse(undefined).minWeight)),
  };
}

/** Every other document of a target, from the first or the second on. */
function everyOther({ name, tokens, documentEnds, documentBytes }: ProxyTarget, first: 0 | 1): ProxyTarget {
  const taken = [...documentEnds.keys()].filter((document) => document % 2 === first);
  const parts = taken.map((document) => [
    ...tokens.subarray(document === 0 ? 0 : documentEnds[document - 1], documentEnds[document]),
  ]);
  let end = 0;
  return {
    name,
    tokens: Uint16Array.from(parts.flat()),
    documentEnds: Uint32Array.from(parts, ({ length }) => (end += length)),
    documentBytes: Uint32Array.from(taken, (document) => documentBytes[document]!),
  };
}
