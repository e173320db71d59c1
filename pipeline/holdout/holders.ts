/** An inverted index: which texts hold a key (a shingle, an n-gram, a band), and how many keys each has in all. */
export class Holders<Key> {
  readonly #holders = new Map<Key, number[]>();
  readonly #sizes = new Map<number, number>();

  /** @param holder a number for the text, not added before */
  add(holder: number, keys: ReadonlySet<Key>): void {
    this.#sizes.set(holder, keys.size);
    for (const key of keys) {
      const others = this.#holders.get(key);
      if (others === undefined) this.#holders.set(key, [holder]);
      else others.push(holder);
    }
  }

  /** Distinct keys of a holder. */
  sizeOf(holder: number): number {
    return this.#sizes.get(holder) ?? 0;
  }

  /** All that were added, in that order. */
  all(): number[] {
    return [...this.#sizes.keys()];
  }

  /** How many of these keys each holder has; holders of none are left out. */
  countShared(keys: ReadonlySet<Key>): Map<number, number> {
    const shared = new Map<number, number>();
    for (const key of keys) {
      for (const holder of this.#holders.get(key) ?? []) shared.set(holder, (shared.get(holder) ?? 0) + 1);
    }
    return shared;
  }
}
