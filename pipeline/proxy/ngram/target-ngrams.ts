import type { ProxyTarget } from "../proxy.ts";
import { NgramTable } from "./ngram-table.ts";

/** The distinct n-grams of one order that occur in the targets, numbered from 0. */
export interface NgramLevel {
  table: NgramTable;
  /** Number of n-grams one order below, which are this order's contexts. */
  contextCount: number;
  /** By n-gram: all tokens but the last, as an id one order below. */
  contexts: Uint32Array;
  /** By n-gram: all tokens but the first, as an id one order below; where its smoothing falls back to. */
  suffixes: Uint32Array;
}

/** What the model is asked for. Order 0 has one n-gram, the empty one, with id 0. */
export interface TargetNgrams {
  /** levels[o - 1] holds order o. */
  levels: NgramLevel[];
  /** By target, then token: order and id of the longest n-gram ending there that the document holds. */
  targets: { orders: Uint8Array; ids: Uint32Array }[];
}

/** Numbers all n-grams of orders 1 to `order` in the targets' documents; none crosses a document's start. */
export function collectTargetNgrams(targets: readonly ProxyTarget[], order: number): TargetNgrams {
  const capacity = targets.reduce((total, target) => total + target.tokens.length, 0);
  const levels: NgramLevel[] = [];
  const longest = targets.map((target) => ({
    orders: new Uint8Array(target.tokens.length),
    ids: new Uint32Array(target.tokens.length),
  }));
  // ids[t][i] is the n-gram of the order below that ends at token i of target t: the empty one, to begin with.
  let below = targets.map((target) => new Uint32Array(target.tokens.length));
  let contextCount = 1;
  for (let level = 1; level <= order; level++) {
    const table = new NgramTable(capacity);
    const contexts = new Uint32Array(capacity);
    const suffixes = new Uint32Array(capacity);
    const ids = targets.map((target, t) => {
      const here = new Uint32Array(target.tokens.length);
      let start = 0;
      for (const end of target.documentEnds) {
        for (let i = start + level - 1; i < end; i++) {
          const context = level === 1 ? 0 : below[t]![i - 1]!;
          const id = table.add(context, target.tokens[i]!);
          contexts[id] = context;
          suffixes[id] = below[t]![i]!;
          here[i] = id;
          longest[t]!.orders[i] = level;
          longest[t]!.ids[i] = id;
        }
        start = end;
      }
      return here;
    });
    levels.push({
      table,
      contextCount,
      contexts: contexts.slice(0, table.size),
      suffixes: suffixes.slice(0, table.size),
    });
    below = ids;
    contextCount = table.size;
  }
  return { levels, targets: longest };
}
