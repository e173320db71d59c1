/** The best tree of one split, by trying every row's value of every domain as a threshold. */
export function referenceStump(
  weights: Float64Array,
  rows: number,
  domains: number,
  residuals: Float64Array,
  { minRowsPerLeaf, l1, l2 }: { minRowsPerLeaf: number; l1: number; l2: number },
): (mixture: ArrayLike<number>) => number {
  const all = Array.from({ length: rows }, (_, row) => row);
  const total = (members: readonly number[]) => members.reduce((sum, row) => sum + residuals[row]!, 0);
  const shrunk = (members: readonly number[]) =>
    Math.sign(total(members)) * Math.max(0, Math.abs(total(members)) - l1);
  const score = (members: readonly number[]) => shrunk(members) ** 2 / (members.length + l2);
  const value = (members: readonly number[]) => shrunk(members) / (members.length + l2);

  let highest = score(all) + 1e-12;
  let best = (_: ArrayLike<number>) => value(all);
  for (let domain = 0; domain < domains; domain++) {
    for (const row of all) {
      const limit = weights[row * domains + domain]!;
      const left = all.filter((other) => weights[other * domains + domain]! <= limit);
      const right = all.filter((other) => weights[other * domains + domain]! > limit);
      if (left.length < minRowsPerLeaf || right.length < minRowsPerLeaf) continue;
      if (score(left) + score(right) <= highest + 1e-12) continue;
      highest = score(left) + score(right);
      best = (mixture) => value(mixture[domain]! <= limit ? left : right);
    }
  }
  return best;
}
