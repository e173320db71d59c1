/** A hash table in flat arrays: of each 64-bit hash the document it was last seen with. */
export class LastOfHash {
  #slots: number;
  /** Low and high 32 bits, slots * 2. */
  #hashes: Uint32Array;
  /** One more than the document; 0 in an empty slot. */
  #documents: Uint32Array;
  #size = 0;

  /** @param hashes different ones that are expected; 24 bytes each, doubled if there are more */
  constructor(hashes: number) {
    this.#slots = 2 ** Math.ceil(Math.log2(2 * Math.max(1, hashes)));
    this.#hashes = new Uint32Array(2 * this.#slots);
    this.#documents = new Uint32Array(this.#slots);
  }

  /** The document before this one with the same hash; undefined if there was none. */
  replace(low: number, high: number, document: number): number | undefined {
    const slot = this.#slotOf(low, high);
    const before = this.#documents[slot]!;
    this.#documents[slot] = document + 1;
    if (before > 0) return before - 1;
    this.#hashes[2 * slot] = low;
    this.#hashes[2 * slot + 1] = high;
    if (++this.#size > 0.7 * this.#slots) this.#grow();
    return undefined;
  }

  clear(): void {
    this.#documents.fill(0);
    this.#size = 0;
  }

  #slotOf(low: number, high: number): number {
    const mask = this.#slots - 1;
    let slot = low & mask;
    while (
      this.#documents[slot] !== 0 &&
      (this.#hashes[2 * slot] !== low || this.#hashes[2 * slot + 1] !== high)
    ) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const [hashes, documents] = [this.#hashes, this.#documents];
    this.#slots *= 2;
    this.#hashes = new Uint32Array(2 * this.#slots);
    this.#documents = new Uint32Array(this.#slots);
    this.#size = 0;
    for (const [slot, document] of documents.entries())
      if (document > 0) this.replace(hashes[2 * slot]!, hashes[2 * slot + 1]!, document - 1);
  }
}
