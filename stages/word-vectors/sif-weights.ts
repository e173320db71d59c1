/**
 * Smooth inverse frequency weights a / (a + p) of the words of a frequency-ordered list (Arora, Liang & Ma
 * 2017), which let a sum of word vectors be about its rarer words. The list has no counts, so p comes from
 * Zipf's law: p(rank) = 1 / (rank H), rank from 1, H the harmonic number of the list's length.
 */
export function sifWeights(words: number, a = 1e-3): Float64Array {
  let harmonic = 0;
  // Smallest terms first, for the smallest rounding error.
  for (let rank = words; rank >= 1; rank--) harmonic += 1 / rank;
  return Float64Array.from({ length: words }, (_, index) => a / (a + 1 / ((index + 1) * harmonic)));
}
