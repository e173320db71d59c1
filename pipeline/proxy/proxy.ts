import type { Random } from "../math/random.ts";
import type { BudgetConfig } from "../schema/budget-config.ts";
import type { SequenceShape } from "./token-plan.ts";

/** Training text of one domain: its documents end to end, in the random order they were stored in. */
export interface ProxyDomain {
  id: string;
  tokens: Uint16Array | Uint32Array;
  /** Exclusive end of each document in `tokens`; the last is tokens.length. */
  documentEnds: Uint32Array;
  /** Tokens the run's tokenizer makes of the same text, if the proxy has another: weights and budgets count those. */
  runTokens?: number;
  /** The .npy file that holds `tokens`, for trainers in other processes. */
  file?: string;
}

/** Text the mixture should predict well; laid out like a domain. */
export interface ProxyTarget {
  name: string;
  /** Of text held out of the corpus: its domain. Measured beside the targets, and no target by itself. */
  domain?: string;
  tokens: Uint16Array | Uint32Array;
  documentEnds: Uint32Array;
  /** UTF-8 bytes of what is predicted of each document. */
  documentBytes: Uint32Array;
  /** First tokens of each document that are given and not predicted; none if left out. */
  contextTokens?: Uint32Array;
  /**
   * Of targets made of questions: the question that each document answers, ascending. A question's documents are its
   * context with one answer each, the right one first.
   */
  questions?: Uint32Array;
}

export interface ProxyInput {
  /** Every token is below this. */
  vocabularySize: number;
  /** The token that stands before each of the domains' documents; the targets' are predicted as if it stood there. */
  endOfDocument?: number;
  domains: ProxyDomain[];
  targets: ProxyTarget[];
  budget: Pick<BudgetConfig, "targetTokens" | "proxyTokens">;
  /** Draw whole batches of sequences of this shape, as proxies that train step by step do; token by token if left out. */
  sequences?: SequenceShape;
  /** Decides which documents a part of a domain consists of, and whatever else the proxy leaves to chance. */
  seed: Random;
}

export interface ProxyResult {
  /** In the order of the targets: -ln p of what is predicted of each document, in nats. */
  targets: { name: string; documentNats: Float64Array }[];
  /** Tokens drawn from each domain, repeats included; they sum to the proxy's budget, less what fills no batch. */
  drawnTokens: number[];
  /** Drawn tokens over the tokens of the domain's scaled pool: 0.3 is a third of it, 2 is twice through. */
  epochs: number[];
  /** Scores that the proxy measured on tasks of its own; higher is better. */
  taskScores?: Record<string, number>;
  /** Of proxies trained step by step: nats per training token, over equal stretches of the run. */
  trainingNats?: number[];
}

/** A small language model that stands in for the real training run. */
export interface Proxy {
  /** Kind, version and parameters: proxies of the same identity, input and seed give the same numbers. */
  readonly identity: string;
  /**
   * Trains on one mixture (token shares of the domains, summing to 1) and measures the targets.
   *
   * @param keepDir A folder for this mixture where an interrupted training finds what it had done; removed at the end.
   * @throws InputError if a domain of positive weight has no tokens; the signal's reason once it is aborted.
   */
  evaluate(weights: ArrayLike<number>, signal?: AbortSignal, keepDir?: string): Promise<ProxyResult>;
}

/** Loss that does not depend on the tokenizer: all documents' bits over all their UTF-8 bytes. */
export function bitsPerByte(documentNats: ArrayLike<number>, documentBytes: ArrayLike<number>): number {
  let nats = 0;
  let bytes = 0;
  for (let i = 0; i < documentNats.length; i++) {
    nats += documentNats[i]!;
    bytes += documentBytes[i]!;
  }
  if (!(bytes > 0)) throw new RangeError(`bytes=${bytes} of ${documentNats.length} documents should be > 0`);
  return nats / Math.LN2 / bytes;
}
