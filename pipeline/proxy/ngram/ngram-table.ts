/**
 * Numbers the distinct n-grams of one order: an n-gram is its first n - 1 tokens (the id of that context in the
 * table of one order less) and its last token. Open addressing over flat arrays; the keys stay pairs of 32-bit
 * integers, so no vocabulary is too large.
 */
export class NgramTable {
  readonly #mask: number;
  /** Id + 1 of the n-gram in each slot; 0 is empty. */
  readonly #slots: Uint32Array;
  /** By id: the context's id, and the last token. */
  readonly #contexts: Uint32Array;
  readonly #tokens: Uint32Array;
  #size = 0;

  /** @param capacity Upper bound of the number of n-grams. */
  constructor(capacity: number) {
    const slots = 2 ** Math.ceil(Math.log2(2 * capacity + 2));
    this.#mask = slots - 1;
    this.#slots = new Uint32Array(slots);
    this.#contexts = new Uint32Array(capacity);
    this.#tokens = new Uint32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** The n-gram's id, or -1 if it was never added. */
  find(context: number, token: number): number {
    return this.#slots[this.#slotOf(context, token)]! - 1;
  }

  /** The n-gram's id: the next free one when it is new. */
  add(context: number, token: number): number {
    const slot = this.#slotOf(context, token);
    if (this.#slots[slot] === 0) {
      this.#contexts[this.#size] = context;
      this.#tokens[this.#size] = token;
      this.#slots[slot] = ++this.#size;
    }
    return this.#slots[slot]! - 1;
  }

  /** The slot that holds the n-gram, or the empty one where it belongs. */
  #slotOf(context: number, token: number): number {
    let hash = Math.imul(context, 0x9e3779b1) ^ Math.imul(token, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & this.#mask;
    for (;;) {
      const id = this.#slots[slot]! - 1;
      if (id < 0 || (this.#contexts[id] === context && this.#tokens[id] === token)) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }
}
