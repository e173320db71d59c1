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
  const sizes: number[] = [];
  const holders = new Map<string, number[]>();
  for (const [target, text] of texts.entries()) {
    const own = shingles(text);
    sizes.push(own.size);
    for (const shingle of own) {
      const others = holders.get(shingle);
      if (others === undefined) holders.set(shingle, [target]);
      else others.push(target);
    }
  }
  return (text) => {
    const own = shingles(text);
    const shared = new Map<number, number>();
    for (const shingle of own) {
      for (const target of holders.get(shingle) ?? []) shared.set(target, (shared.get(target) ?? 0) + 1);
    }
    let best: Overlap | undefined;
    for (const [target, count] of shared) {
      const overlap = count / Math.min(own.size, sizes[target]!);
      if (overlap < minOverlap) continue;
      const isBetter =
        best === undefined || overlap > best.overlap || (overlap === best.overlap && target < best.target);
      if (isBetter) best = { target, overlap };
    }
    return best;
  };
}
