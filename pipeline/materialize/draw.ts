/** Which documents a mixture holds, and how often: seeded sampling to a budget of tokens for each domain. */
import { InputError } from "../core/errors.ts";
import type { Random } from "../math/random.ts";
import { fitWhole } from "./fit-whole.ts";

/** One entry a document of the corpus, in its canonical order. */
export interface CorpusRows {
  /** Index of the row's domain, or -1. */
  readonly rowDomain: Int32Array;
  readonly rowTokens: Uint32Array;
}

/** A document that is written once more, but only its first tokens. */
export interface Cut {
  readonly row: number;
  readonly tokens: number;
}

export interface Draw {
  /** How often each row is written whole. */
  readonly copies: Uint32Array;
  /** At most one a domain. */
  readonly cuts: readonly Cut[];
}

export interface DrawOptions {
  /**
   * `cut` takes exactly the budget and cuts each domain's last document there; `whole` keeps documents whole and comes as
   * near to the budget as it can.
   */
  readonly lastDocument: "cut" | "whole";
  readonly seed: Random;
}

/**
 * Draws `budgets[d]` tokens of domain d. All documents of a domain are taken equally often, and one more time those that
 * come first in an order shuffled by the seed, until the budget is used up: an epoch is never begun before the last one
 * is complete. With whole documents, one that no longer fits is passed over for a later one that does; what is still
 * missing then, less than the shortest document left, is made up for by exchanging one or two drawn documents for others
 * whose lengths differ by just that (see fitWhole). With a few dozen documents to choose from the budget is met exactly.
 *
 * Memory: 8 bytes a document of the corpus.
 *
 * @throws InputError if a domain has a budget but no tokens
 */
export function drawDocuments(
  { rowDomain, rowTokens }: CorpusRows,
  domains: readonly { readonly id: string; readonly budgetTokens: number }[],
  { lastDocument, seed }: DrawOptions,
): Draw {
  const copies = new Uint32Array(rowDomain.length);
  const cuts: Cut[] = [];
  for (const [domain, { id, budgetTokens }] of domains.entries()) {
    if (budgetTokens === 0) continue;
    const rows = rowsOf(rowDomain, domain);
    const tokens = rows.reduce((sum, row) => sum + rowTokens[row]!, 0);
    if (tokens === 0) {
      throw new InputError(`${id} should give ${budgetTokens} tokens, but holds none`, "run climb run again");
    }
    const epochs = Math.floor(budgetTokens / tokens);
    for (const row of rows) copies[row] = epochs;
    const order = seed.fork(id).shuffle(rows);
    const missing = budgetTokens - epochs * tokens;
    if (lastDocument === "cut") cuts.push(...takeExactly(order, rowTokens, missing, copies));
    else takeWhole(order, rowTokens, missing, copies);
  }
  return { copies, cuts };
}

/** Every document of the domains for which `include` is true, once. */
export function drawEachOnce(rowDomain: Int32Array, include: readonly boolean[]): Draw {
  return { copies: Uint32Array.from(rowDomain, (domain) => (include[domain] === true ? 1 : 0)), cuts: [] };
}

function rowsOf(rowDomain: Int32Array, domain: number): Uint32Array {
  let count = 0;
  for (const of of rowDomain) if (of === domain) count++;
  const rows = new Uint32Array(count);
  let filled = 0;
  for (let row = 0; row < rowDomain.length; row++) if (rowDomain[row] === domain) rows[filled++] = row;
  return rows;
}

function takeExactly(order: Uint32Array, rowTokens: Uint32Array, budget: number, copies: Uint32Array): Cut[] {
  let missing = budget;
  for (const row of order) {
    if (missing === 0) break;
    if (rowTokens[row]! > missing) return [{ row, tokens: missing }];
    copies[row]!++;
    missing -= rowTokens[row]!;
  }
  return [];
}

function takeWhole(order: Uint32Array, rowTokens: Uint32Array, budget: number, copies: Uint32Array): void {
  let missing = budget;
  const taken: number[] = [];
  const left: number[] = [];
  for (const row of order) {
    if (rowTokens[row]! > missing) {
      left.push(row);
      continue;
    }
    missing -= rowTokens[row]!;
    taken.push(row);
  }
  const { add, drop } = fitWhole(taken, left, rowTokens, missing);
  for (const row of [...taken, ...add]) copies[row]!++;
  for (const row of drop) copies[row]!--;
}
