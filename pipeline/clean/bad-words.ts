import { listEntries } from "./list-entries.ts";

/** Words, and phrases of several, that C4 leaves a page out for (Raffel et al. 2020, section 2.2): one a line. */
export class BadWords {
  /** Of a first word, all the words of the entries that begin with it. */
  readonly #phrases = new Map<string, string[][]>();
  /** Entries that are looked for anywhere: scripts that put no spaces between words, and signs. */
  readonly #pieces = new Set<string>();

  /** @param lists contents of the files; empty lines and those that begin with # say nothing */
  constructor(lists: readonly string[]) {
    for (const entry of listEntries(lists)) {
      const words = wordsOf(entry);
      if (words.length === 0 || unspaced.test(entry)) {
        this.#pieces.add(entry);
        continue;
      }
      const same = this.#phrases.get(words[0]!) ?? [];
      if (!same.some((known) => known.join(" ") === words.join(" "))) same.push(words);
      this.#phrases.set(words[0]!, same);
    }
  }

  /** How often entries stand in a text, as whole words; a phrase and one within it both count. */
  count(text: string): number {
    const lower = text.toLowerCase();
    const words = wordsOf(lower);
    let found = 0;
    for (const [at, word] of words.entries()) {
      for (const phrase of this.#phrases.get(word) ?? [])
        if (phrase.every((next, offset) => words[at + offset] === next)) found++;
    }
    for (const piece of this.#pieces) found += lower.split(piece).length - 1;
    return found;
  }
}

const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

const wordsOf = (text: string) => text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
