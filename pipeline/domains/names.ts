import { functionWords } from "./function-words.ts";

const minLetters = 3;
const maxLetters = 30;
/** A term with its apostrophes: those are looked at one by one. */
const termPattern = /\p{L}[\p{L}\p{M}'’]*/gu;

export interface TermCounterOptions {
  /** Terms held for all domains together before the rare ones are dropped. */
  maxTerms?: number;
}

/**
 * Counts the words of each domain and finds those that tell it from the others: c-TF-IDF, as BERTopic
 * (Grootendorst 2022) defines it over classes instead of documents.
 *
 * A term is a lowercase word of 3 to 30 letters that is no English function word and no contraction; a possessive counts as
 * its owner.
 *
 * Memory is bounded as in lossy counting (Manku & Motwani 2002): when more than maxTerms counts are held, those of 1
 * are dropped, then those of 2 and so on until half remain. A count is short by at most `lostAtMost`, which is far
 * below those of a domain's keywords.
 */
export class TermCounter {
  readonly #counts: Map<string, number>[];
  readonly #words: number[];
  readonly #maxTerms: number;
  #terms = 0;
  #lostAtMost = 0;

  constructor(domains: number, { maxTerms = 1_000_000 }: TermCounterOptions = {}) {
    this.#counts = Array.from({ length: domains }, () => new Map());
    this.#words = Array.from({ length: domains }, () => 0);
    this.#maxTerms = maxTerms;
  }

  /** By how much any count may be too low. */
  get lostAtMost(): number {
    return this.#lostAtMost;
  }

  add(domain: number, text: string): void {
    const counts = this.#counts[domain];
    if (counts === undefined)
      throw new RangeError(`domain=${domain} should be < domains=${this.#counts.length}`);
    for (const term of termsOf(text)) {
      const count = counts.get(term);
      if (count === undefined) this.#terms++;
      counts.set(term, (count ?? 0) + 1);
      this.#words[domain]!++;
    }
    if (this.#terms > this.#maxTerms) this.#dropRare();
  }

  /**
   * Per domain, up to `count` terms by tf * log(1 + A / f), best first: tf is the term's share of the domain's words, f
   * how often all domains use it, A the mean number of words in a domain. Of a singular and its plural in -s only the
   * better one is taken.
   */
  keywords(count: number): string[][] {
    const totals = new Map<string, number>();
    for (const counts of this.#counts) {
      for (const [term, n] of counts) totals.set(term, (totals.get(term) ?? 0) + n);
    }
    const meanWords = this.#words.reduce((sum, words) => sum + words, 0) / this.#words.length;
    return this.#counts.map((counts) => {
      // The domain's number of words divides every tf alike, so the order is that of the counts.
      const scored = [...counts].map(([term, n]) => ({
        term,
        score: n * Math.log(1 + meanWords / totals.get(term)!),
      }));
      scored.sort((left, right) => right.score - left.score || (left.term < right.term ? -1 : 1));
      const taken = new Set<string>();
      for (const { term } of scored) {
        if (taken.size === count) break;
        if (!taken.has(`${term}s`) && !(term.endsWith("s") && taken.has(term.slice(0, -1)))) taken.add(term);
      }
      return [...taken];
    });
  }

  #dropRare(): void {
    for (let floor = 1; this.#terms > this.#maxTerms / 2; floor++) {
      this.#lostAtMost++;
      for (const counts of this.#counts) {
        for (const [term, n] of counts) {
          if (n > floor) continue;
          counts.delete(term);
          this.#terms--;
        }
      }
    }
  }
}

/**
 * One name a domain: its first three keywords joined by " / ". A name that is taken gets the following keywords too,
 * and a number when there are none left.
 */
export function domainNames(keywords: readonly (readonly string[])[]): string[] {
  const taken = new Set<string>();
  return keywords.map((words) => {
    let name = words.slice(0, 3).join(" / ") || "unnamed";
    for (let length = 4; taken.has(name) && length <= words.length; length++) {
      name = words.slice(0, length).join(" / ");
    }
    const base = name;
    for (let number = 2; taken.has(name); number++) name = `${base} (${number})`;
    taken.add(name);
    return name;
  });
}

function termsOf(text: string): string[] {
  const terms: string[] = [];
  for (const [word] of text.toLowerCase().matchAll(termPattern)) {
    const term = word.replace(/['’]s?$/u, "");
    if (term.length < minLetters || term.length > maxLetters) continue;
    if (!/['’]/u.test(term) && !functionWords.has(term)) terms.push(term);
  }
  return terms;
}
