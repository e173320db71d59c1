import type { Random } from "../math/random.ts";
import { Holders } from "./holders.ts";
import { shingles } from "./shingles.ts";

interface ChooseValidationOptions {
  /** Of each source's documents. */
  readonly share: number;
  readonly maxDocuments: number;
}

/**
 * Draws validation text from every source alike.
 *
 * @param sources The source of each document.
 * @param mayTrain 0 for documents that are left out already; they are not drawn.
 * @returns rows, ascending; at least one of each source that has two or more, unless maxDocuments is reached
 */
export function chooseValidation(
  sources: readonly string[],
  mayTrain: ArrayLike<number>,
  { share, maxDocuments }: ChooseValidationOptions,
  random: Random,
): number[] {
  const bySource = new Map<string, number[]>();
  sources.forEach((source, row) => {
    if (mayTrain[row] === 0) return;
    const rows = bySource.get(source);
    if (rows === undefined) bySource.set(source, [row]);
    else rows.push(row);
  });
  const total = [...bySource.values()].reduce((sum, rows) => sum + rows.length, 0);
  const wanted = Math.min(share, maxDocuments / total);
  return [...bySource]
    .flatMap(([source, rows]) => {
      const count = rows.length < 2 ? 0 : Math.max(1, Math.floor(wanted * rows.length));
      return random
        .fork(source)
        .shuffle([...rows])
        .slice(0, count);
    })
    .slice(0, maxDocuments)
    .sort((left, right) => left - right);
}

/**
 * Indexes of texts none of which overlaps an earlier one of them by `maxOverlap` or more of the shorter's word 5-grams: of
 * near duplicates the first, so that each of what is left counts as one observation.
 */
export function distinctTexts(texts: readonly string[], maxOverlap: number): number[] {
  const kept = new Holders<string>();
  for (const [index, text] of texts.entries()) {
    const own = shingles(text);
    const isCopy = [...kept.countShared(own)].some(
      ([other, count]) => count / Math.min(own.size, kept.sizeOf(other)) >= maxOverlap,
    );
    if (!isCopy) kept.add(index, own);
  }
  return kept.all();
}
