import type { Buckets } from "./cross-domains.ts";

/**
 * Scores at which `count` buckets of about as many tokens each begin, the lowest bucket apart; fewer where many documents
 * have one score.
 *
 * @param scores one a row; NaN takes no part
 */
export function quantileBounds(
  scores: ArrayLike<number>,
  { rowDomain, tokens }: { rowDomain: Int32Array; tokens: ArrayLike<number> },
  count: number,
): number[] {
  const rows = [...rowDomain.keys()].filter((row) => rowDomain[row]! >= 0 && !Number.isNaN(scores[row]!));
  rows.sort((a, b) => scores[a]! - scores[b]! || a - b);
  const total = rows.reduce((sum, row) => sum + tokens[row]!, 0);
  const bounds: number[] = [];
  let below = 0;
  let next = 1;
  for (const row of rows) {
    const score = scores[row]!;
    if (next < count && below >= (next * total) / count) {
      // All documents of one score are in one bucket, and none is empty.
      if (score > (bounds.at(-1) ?? scores[rows[0]!]!)) bounds.push(score);
      while (next < count && below >= (next * total) / count) next++;
    }
    below += tokens[row]!;
  }
  return bounds;
}

/** Buckets q1 (the lowest scores), q2 and so on, each beginning at a bound; before them one for rows without a score. */
export function scoreBuckets(scores: ArrayLike<number>, bounds: readonly number[]): Buckets {
  return {
    ids: ["unscored", ...Array.from({ length: bounds.length + 1 }, (_, i) => `q${i + 1}`)],
    ordered: true,
    rowBucket: Int32Array.from(scores, (score) =>
      Number.isNaN(score) ? 0 : 1 + bounds.filter((bound) => bound <= score).length,
    ),
  };
}
