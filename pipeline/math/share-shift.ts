/** How far two sets of shares over the same K parts lie apart. */

/** Half the sum of |p - q|, 0..1: the share that would have to move. */
export function totalVariation(p: ArrayLike<number>, q: ArrayLike<number>): number {
  requireSameParts(p, q);
  let total = 0;
  for (let i = 0; i < p.length; i++) total += Math.abs(p[i]! - q[i]!);
  return total / 2;
}

/**
 * Population stability index, the symmetric Kullback-Leibler divergence: sum of (q - p) ln(q / p), >= 0. A share below
 * `floor` counts as `floor`, since a part that is empty on one side would make it infinite.
 *
 * Credit scoring, where it comes from, calls less than 0.1 stable and more than 0.25 a shift (Siddiqi 2006).
 */
export function stabilityIndex(p: ArrayLike<number>, q: ArrayLike<number>, floor: number): number {
  requireSameParts(p, q);
  let total = 0;
  for (let i = 0; i < p.length; i++) {
    const old = Math.max(floor, p[i]!);
    const now = Math.max(floor, q[i]!);
    total += (now - old) * Math.log(now / old);
  }
  return total;
}

/** Largest difference of two distribution functions, given as counts over the same bins in ascending order. */
export function kolmogorovSmirnov(p: ArrayLike<number>, q: ArrayLike<number>): number {
  requireSameParts(p, q);
  let totalP = 0;
  let totalQ = 0;
  for (let i = 0; i < p.length; i++) {
    totalP += p[i]!;
    totalQ += q[i]!;
  }
  let belowP = 0;
  let belowQ = 0;
  let largest = 0;
  for (let i = 0; i < p.length; i++) {
    belowP += p[i]!;
    belowQ += q[i]!;
    largest = Math.max(largest, Math.abs(belowP / totalP - belowQ / totalQ));
  }
  return largest;
}

function requireSameParts(p: ArrayLike<number>, q: ArrayLike<number>): void {
  if (p.length === 0 || p.length !== q.length) {
    throw new RangeError(`p.length=${p.length} should equal q.length=${q.length} and be >= 1`);
  }
}
