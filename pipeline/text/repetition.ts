/**
 * How much of a text its repeated word n-grams take (Gopher, Rae et al. 2021, table A1). Characters are those of the
 * words, white space left out; n-grams are compared by a 32-bit hash.
 */

export interface NgramRepetition {
  /** For n = 2..4, the share of the characters in the commonest n-gram's occurrences; 0 if no n-gram comes twice. */
  topShares: number[];
  /** For n = 5..10, the share of the characters in n-grams seen before, none counted twice. */
  duplicateShares: number[];
}

const topSizes = [2, 3, 4];
const duplicateSizes = [5, 6, 7, 8, 9, 10];

/** Both arguments have one entry a word, in order. */
export function ngramRepetition(hashes: Uint32Array, lengths: Uint32Array): NgramRepetition {
  const topShares = topSizes.map(() => 0);
  const duplicateShares = duplicateSizes.map(() => 0);
  const words = hashes.length;
  const ends = new Uint32Array(words + 1); // ends[i]: characters of the words before word i
  for (let i = 0; i < words; i++) ends[i + 1] = ends[i]! + lengths[i]!;
  const characters = ends[words]!;
  const grams = hashes.slice(); // grams[i]: hash of the n words from word i on
  const table = new NgramTable(words);

  for (let n = 2; n <= Math.min(10, words); n++) {
    const count = words - n + 1;
    for (let i = 0; i < count; i++) grams[i] = join(grams[i]!, hashes[i + n - 1]!);
    table.clear();
    const repeated =
      n <= 4
        ? topCharacters(grams, count, n, ends, table)
        : duplicateCharacters(grams, count, n, ends, table);
    // Without a repeated n-gram there is no longer one either: most texts end here at n = 5.
    if (repeated === 0) break;
    const share = Math.min(1, repeated / characters);
    if (n <= 4) topShares[n - 2] = share;
    else duplicateShares[n - 5] = share;
  }
  return { topShares, duplicateShares };
}

/** Occurrences times length of the commonest n-gram; of equally common ones the longest. */
function topCharacters(
  grams: Uint32Array,
  count: number,
  n: number,
  ends: Uint32Array,
  table: NgramTable,
): number {
  let best = 1;
  let bestLength = 0;
  for (let i = 0; i < count; i++) {
    const seen = table.add(grams[i]!);
    if (seen < best || seen === 1) continue;
    const length = ends[i + n]! - ends[i]!;
    if (seen > best || length > bestLength) bestLength = length;
    best = seen;
  }
  return best === 1 ? 0 : best * bestLength;
}

/** From left to right; a repeated n-gram is counted and stepped over, as in datatrove's Gopher filter. */
function duplicateCharacters(
  grams: Uint32Array,
  count: number,
  n: number,
  ends: Uint32Array,
  table: NgramTable,
): number {
  let characters = 0;
  for (let i = 0; i < count;) {
    const repeated = table.add(grams[i]!) > 1;
    if (repeated) characters += ends[i + n]! - ends[i]!;
    i += repeated ? n : 1;
  }
  return characters;
}

/** Counts of hashes by open addressing; a Map would be several times slower. */
class NgramTable {
  readonly #keys: Uint32Array;
  readonly #counts: Uint32Array;
  readonly #mask: number;

  constructor(capacity: number) {
    const slots = 2 ** Math.ceil(Math.log2(2 * capacity + 2));
    this.#keys = new Uint32Array(slots);
    this.#counts = new Uint32Array(slots);
    this.#mask = slots - 1;
  }

  clear(): void {
    this.#counts.fill(0);
  }

  /** Counts one more of `key`; returns how many there are now. */
  add(key: number): number {
    let slot = (key ^ (key >>> 15)) & this.#mask;
    while (this.#counts[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & this.#mask;
    this.#keys[slot] = key;
    return ++this.#counts[slot]!;
  }
}

function join(gram: number, word: number): number {
  const mixed = Math.imul(((gram << 5) | (gram >>> 27)) ^ word, 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
