/** One pass over a text's characters: its words (split at white space) and the signs that the score rules count. */

export interface WordScan {
  /** UTF-16 units of each word, length `words`. */
  lengths: Uint32Array;
  /** A 32-bit hash of each word, length `words`; two different words share one with probability 2^-32. */
  hashes: Uint32Array;
  words: number;
  /** Units of all words together, white space left out. */
  characters: number;
  wordsWithLetter: number;
  /** Words of at least three letters, all of them capitals. */
  capitalWords: number;
  /** How many different ones of Gopher's eight stop words occur: 0..8. */
  stopWords: number;
  hashSigns: number;
  ellipses: number;
  curlyBrackets: number;
  exclamations: number;
}

// Gopher's eight, as base-27 numbers of their letters: a word of up to five letters is told by one comparison.
const stopWordBits = new Map(
  ["the", "be", "to", "of", "and", "that", "have", "with"].map((word, bit) => [base27(word), 1 << bit]),
);
const longestStopWord = 4;

export function scanWords(text: string): WordScan {
  const most = (text.length + 1) >> 1;
  const lengths = new Uint32Array(most);
  const hashes = new Uint32Array(most);
  let words = 0;
  let characters = 0;
  let wordsWithLetter = 0;
  let capitalWords = 0;
  let foundStopWords = 0;
  let hashSigns = 0;
  let ellipses = 0;
  let curlyBrackets = 0;
  let exclamations = 0;

  for (let at = 0; at < text.length;) {
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
    if (at === text.length) break;
    const start = at;
    let hash = 0x811c9dc5;
    let letters = 0;
    let capitals = 0;
    let spelled = 0;
    let dots = 0;
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (isSpace(unit)) break;
      hash = Math.imul(hash ^ unit, 0x01000193);
      dots = unit === 0x2e ? dots + 1 : 0;
      const lower = unit | 0x20;
      if (lower >= 0x61 && lower <= 0x7a) {
        if (unit < 0x61) capitals++;
        if (letters < longestStopWord) spelled = spelled * 27 + lower - 0x60;
        letters++;
      } else if (unit > 0x7f) {
        if (unit === 0x2026) ellipses++;
        else if (isLetterBeyondAscii(unit)) letters++;
      } else if (unit === 0x21) exclamations++;
      else if (unit === 0x23) hashSigns++;
      else if (unit === 0x7b || unit === 0x7d) curlyBrackets++;
      if (dots === 3) ellipses++;
    }
    lengths[words] = at - start;
    hashes[words] = hash;
    words++;
    characters += at - start;
    if (letters > 0) wordsWithLetter++;
    if (letters >= 3 && capitals === letters) capitalWords++;
    if (letters <= longestStopWord) foundStopWords |= stopWordBits.get(spelled) ?? 0;
  }
  return {
    lengths: lengths.subarray(0, words),
    hashes: hashes.subarray(0, words),
    words,
    characters,
    wordsWithLetter,
    capitalWords,
    stopWords: bitCount(foundStopWords),
    hashSigns,
    ellipses,
    curlyBrackets,
    exclamations,
  };
}

function isSpace(unit: number): boolean {
  return unit <= 0x20 || unit === 0xa0 || unit === 0x3000;
}

/** Beyond ASCII everything is taken for a letter but Latin-1's signs and the blocks of punctuation and symbols. */
function isLetterBeyondAscii(unit: number): boolean {
  if (unit < 0xc0) return unit === 0xaa || unit === 0xb5 || unit === 0xba;
  return !((unit >= 0x2000 && unit <= 0x2bff) || (unit >= 0x3000 && unit <= 0x303f) || unit >= 0xfe00);
}

function base27(word: string): number {
  return Array.from(word, (letter) => letter.charCodeAt(0) - 0x60).reduce(
    (left, right) => left * 27 + right,
    0,
  );
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
