import { InputError } from "../core/errors.ts";
import type { Random } from "../math/random.ts";
import type { BudgetConfig } from "../schema/budget-config.ts";
import { domainSize, poolStart } from "./pool.ts";
import type { ProxyDomain } from "./proxy.ts";
import { planTokens, type SequenceShape, type TokenPlan } from "./token-plan.ts";

/**
 * Every token of a training run, in order, as offsets: whoever trains by it (this process, a worker, a trainer in another
 * language) sees the same batches.
 *
 * A domain's documents lie end to end, each preceded by the end-of-document token: it ends the document before, and is
 * the context in which a document's first token is predicted. A domain's pool is `poolTokens` of them from `poolStart`
 * on, round the domain's end if need be. Reading the pool over and over gives the domain's stream, which is cut into
 * sequences of `contextTokens`. Token t of the sequence at `position` of domain k is therefore
 *
 *   tokens[k][(poolStart[k] + (position + t) mod poolTokens[k]) mod tokens[k].length],
 *
 * and token `contextTokens`, the next sequence's first, is read only as the last one to be predicted.
 */
export interface BatchPlan extends TokenPlan, SequenceShape {
  poolStarts: number[];
  /** Optimiser steps: batches of `batchSequences` sequences. */
  steps: number;
  /** By sequence, step after step: the index of its domain, and its position in that domain's pool. */
  sequenceDomains: Uint16Array;
  sequencePositions: Uint32Array;
}

/** What the plan needs to know of a domain: not its tokens. */
export type PlannedDomain = Pick<ProxyDomain, "id" | "documentEnds" | "runTokens">;

/**
 * Plans the batches of one mixture. Each pass over a pool takes its sequences in a seeded order and is finished before
 * the next begins, so no token is repeated before all of its pool was read. Each domain is spread evenly over the run: its
 * i-th sequence of n comes at a random moment of the i-th n-th, so that any stretch of the run holds the mixture to
 * within a sequence or two per domain. Order and moments of a domain do not depend on the other domains' weights.
 *
 * @param weights Token shares, length K, summing to 1.
 * @throws InputError if a pool cannot be addressed with 32 bits; otherwise as `planTokens`.
 */
export function planBatches(
  weights: ArrayLike<number>,
  domains: readonly PlannedDomain[],
  budget: Pick<BudgetConfig, "targetTokens" | "proxyTokens">,
  shape: SequenceShape,
  seed: Random,
): BatchPlan {
  const plan = planTokens(weights, domains.map(domainSize), budget, shape);
  const queues = domains.map(({ id }, k) => {
    if (plan.poolTokens[k]! > 2 ** 32) {
      throw new InputError(
        `domain ${id}: poolTokens=${plan.poolTokens[k]} should be <= 2^32`,
        "lower budget.proxyTokens",
      );
    }
    const count = plan.drawnTokens[k]! / shape.contextTokens;
    const positions = sequenceOrder(
      count,
      plan.poolTokens[k]!,
      shape.contextTokens,
      seed.fork(`order/${id}`),
    );
    return { positions, moments: seed.fork(`moments/${id}`), next: 0, moment: Infinity };
  });
  const total = queues.reduce((sum, { positions }) => sum + positions.length, 0);
  const sequenceDomains = new Uint16Array(total);
  const sequencePositions = new Uint32Array(total);
  for (const queue of queues) queue.moment = nextMoment(queue);
  for (let i = 0; i < total; i++) {
    let first = 0;
    for (let k = 1; k < queues.length; k++) if (queues[k]!.moment < queues[first]!.moment) first = k;
    const queue = queues[first]!;
    sequenceDomains[i] = first;
    sequencePositions[i] = queue.positions[queue.next++]!;
    queue.moment = nextMoment(queue);
  }
  return {
    ...plan,
    ...shape,
    poolStarts: domains.map((domain) => poolStart(domain, seed)),
    steps: total / shape.batchSequences,
    sequenceDomains,
    sequencePositions,
  };
}

/** Pool positions of a domain's first `count` sequences: in stream order, shuffled within each pass. */
function sequenceOrder(
  count: number,
  poolTokens: number,
  contextTokens: number,
  random: Random,
): Uint32Array {
  const positions = new Uint32Array(count);
  let passStart = 0;
  for (let i = 0, position = 0; i < count; i++) {
    positions[i] = position;
    position += contextTokens;
    if (position < poolTokens && i < count - 1) continue;
    random.shuffle(positions.subarray(passStart, i + 1));
    passStart = i + 1;
    position %= poolTokens;
  }
  return positions;
}

/** When, from 0 to 1, the queue's next sequence comes; never once it is empty. */
function nextMoment(queue: { positions: Uint32Array; moments: Random; next: number }): number {
  const count = queue.positions.length;
  return queue.next === count ? Infinity : (queue.next + queue.moments.uniform()) / count;
}

/**
 * Copies one sequence of the plan and the token after it: contextTokens + 1 tokens.
 *
 * @param sequence 0 .. steps * batchSequences - 1
 * @param at Where in `out` to begin.
 */
export function readSequence(
  plan: BatchPlan,
  domains: readonly Pick<ProxyDomain, "tokens">[],
  sequence: number,
  out: { [index: number]: number },
  at = 0,
): void {
  const k = plan.sequenceDomains[sequence]!;
  const { tokens } = domains[k]!;
  const poolTokens = plan.poolTokens[k]!;
  let position = plan.sequencePositions[sequence]!;
  for (let t = 0; t <= plan.contextTokens; t++) {
    out[at + t] = tokens[(plan.poolStarts[k]! + position) % tokens.length]!;
    if (++position === poolTokens) position = 0;
  }
}
