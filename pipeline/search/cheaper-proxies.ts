/** The cheaper proxies beside a search's own: what they have measured, and what is left to spend. */
import type { Random } from "../math/random.ts";
import type { Trial } from "../schema/search.ts";
import { moneyFor } from "./buy-round.ts";
import type { Mixture, Proposer, SearchState } from "./proposer.ts";

export interface CheaperProxy {
  /** Of one trial, in trials of the search's own proxy. */
  readonly cost: number;
  evaluate(candidates: readonly Mixture[]): Promise<Trial[]>;
}

export class CheaperProxies {
  readonly #proxies: readonly CheaperProxy[];
  /** By proxy, the dearest first, round by round. */
  readonly rounds: Trial[][][];
  #saved = 0;

  constructor(proxies: readonly CheaperProxy[]) {
    this.#proxies = proxies;
    this.rounds = proxies.map(() => []);
  }

  /** By proxy. */
  get trials(): Trial[][] {
    return this.rounds.map((rounds) => rounds.flat());
  }

  /**
   * Spends what `count` trials of the search's own proxy cost, and what earlier rounds left, on all proxies: the cheaper ones are
   * trained, and what its own should measure is returned.
   */
  async spend(
    proposer: Proposer,
    state: SearchState,
    { count, isLast }: { readonly count: number; readonly isLast: boolean },
    random: Random,
  ): Promise<Mixture[]> {
    if (proposer.buy === undefined) throw new RangeError(`proposer ${proposer.name} does not weigh costs`);
    const { trials } = this;
    const cheaper = this.#proxies.map(({ cost }, tier) => ({ cost, trials: trials[tier]! }));
    const purse = { cheaper, money: count + this.#saved, isLast };
    const bought = proposer.buy(state, purse, random);
    this.#saved = purse.money - moneyFor(bought, cheaper);
    for (const [tier, proxy] of this.#proxies.entries()) {
      this.rounds[tier]!.push(await proxy.evaluate(bought[tier + 1]!));
    }
    return bought[0]!;
  }
}
