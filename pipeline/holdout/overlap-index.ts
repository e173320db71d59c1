import { Holders } from "./holders.ts";
import { shingles } from "./shingles.ts";

export interface Overlap {
  /** Index of the text that overlaps most. */
  readonly target: number;
  /** Share of the shorter text's word 5-grams that both have. */
  readonly overlap: number;
}

/**
 * Which of some texts another one overlaps most: by an inverted index of their shingles, hence without vectors, in one pass
 * over the text that asks. Memory: the shingles of all texts once, a few hundred bytes for each.
 *
 * @returns a function from a text to its largest overlap of at least `minOverlap`, the first such text winning ties
 */
export function indexOverlaps(
  texts: readonly string[],
  minOverlap: number,
): (text: string) => Overlap | undefined {
  const holders = new Holders<string>();
  texts.forEach((text, target) => holders.add(target, shingles(text)));
  return (text) => {
    const own = shingles(text);
    let best: Overlap | undefined;
    for (const [target, count] of holders.countShared(own)) {
      const overlap = count / Math.min(own.size, holders.sizeOf(target));
      if (overlap < minOverlap) continue;
      const isBetter =
        best === undefined || overlap > best.overlap || (overlap === best.overlap && target < best.target);
      if (isBetter) best = { target, overlap };
    }
    return best;
  };
}
