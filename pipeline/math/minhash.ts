/** MinHash signatures of texts (Broder 1997) over shingles of words; equal in as many places as the texts share shingles. */

/** A 32-bit hash of each word: runs of letters and digits, lower-cased. */
export function wordHashes(text: string): Uint32Array {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const hashes = new Uint32Array(words.length);
  words.forEach((word, index) => {
    // FNV-1a over UTF-16 units.
    let hash = 0x811c9dc5;
    for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
    hashes[index] = mix(hash);
  });
  return hashes;
}

/** A 32-bit hash of every run of `size` words, in order; of all of them for a shorter text. */
export function shingleHashes(words: Uint32Array, size: number): Uint32Array {
  const count = Math.max(words.length === 0 ? 0 : 1, words.length - size + 1);
  const shingles = new Uint32Array(count);
  const length = Math.min(size, words.length);
  for (let start = 0; start < count; start++) {
    let hash = 0;
    for (let at = start; at < start + length; at++) hash = Math.imul(hash, 0x9e3779b1) + words[at]!;
    shingles[start] = mix(hash);
  }
  return shingles;
}

/**
 * The smallest of the shingles' hashes under each of `length` hash functions; undefined without shingles.
 * Two signatures agree in a place with the probability that is their shingles' Jaccard similarity.
 */
export function minHash(shingles: Uint32Array, length: number): Uint32Array | undefined {
  if (shingles.length === 0) return undefined;
  const signature = new Uint32Array(length).fill(0xffffffff);
  for (let row = 0; row < length; row++) {
    const seed = mix(Math.imul(row + 1, 0x85ebca6b));
    let least = 0xffffffff;
    for (let at = 0; at < shingles.length; at++) {
      const hash = mix(shingles[at]! ^ seed);
      if (hash < least) least = hash;
    }
    signature[row] = least;
  }
  return signature;
}

/** 64 bits for each band of `rows` places, as two numbers of 32 bits. */
export function bandHashes(signature: Uint32Array, rows: number): Uint32Array {
  const bands = signature.length / rows;
  const hashes = new Uint32Array(2 * bands);
  for (let band = 0; band < bands; band++) {
    let low = band + 1;
    let high = ~band;
    for (let row = 0; row < rows; row++) {
      const value = signature[band * rows + row]!;
      low = mix(Math.imul(low, 0x9e3779b1) + value);
      high = mix(Math.imul(high, 0x85ebca77) ^ value);
    }
    hashes[2 * band] = low;
    hashes[2 * band + 1] = high;
  }
  return hashes;
}

/** MurmurHash3's finaliser: every bit of the input decides every bit of the result. */
function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
