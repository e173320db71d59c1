/** Folds for cross-validation. Near-duplicate mixtures share a fold: apart, one would give the other's loss away. */
import type { Random } from "../math/random.ts";

const nearDuplicateL1 = 1e-3;

/**
 * Row indices of each fold, ascending; sizes as even as the groups of near duplicates allow, no fold empty.
 *
 * @param weights rows * domains
 * @returns min(folds, number of groups) folds
 */
export function groupedFolds(
  weights: Float64Array,
  rows: number,
  domains: number,
  folds: number,
  random: Random,
): Uint32Array[] {
  const groups = random.shuffle(nearDuplicateGroups(weights, rows, domains));
  const dealt: number[][] = Array.from({ length: Math.min(folds, groups.length) }, () => []);
  // Large groups first; the sort is stable, so equal sizes keep their shuffled order.
  for (const group of groups.sort((left, right) => right.length - left.length)) {
    dealt.reduce((smallest, fold) => (fold.length < smallest.length ? fold : smallest)).push(...group);
  }
  return dealt.map((fold) => Uint32Array.from(fold).sort());
}

/** All rows that are not in `fold`, ascending. */
export function rowsOutside(fold: Uint32Array, rows: number): Uint32Array {
  const isInside = new Uint8Array(rows);
  for (const row of fold) isInside[row] = 1;
  return Uint32Array.from({ length: rows }, (_, row) => row).filter((row) => isInside[row] === 0);
}

/** Rows linked by steps of L1 distance < 1e-3, each row in one group. */
function nearDuplicateGroups(weights: Float64Array, rows: number, domains: number): number[][] {
  const groupOf = Int32Array.from({ length: rows }, (_, row) => row);
  for (let row = 0; row < rows; row++) {
    for (let earlier = 0; earlier < row; earlier++) {
      if (groupOf[row] === groupOf[earlier] || !areNear(weights, row, earlier, domains)) continue;
      const [from, to] = [groupOf[row]!, groupOf[earlier]!];
      for (let i = 0; i <= row; i++) if (groupOf[i] === from) groupOf[i] = to;
    }
  }
  const groups = new Map<number, number[]>();
  for (let row = 0; row < rows; row++) {
    const group = groups.get(groupOf[row]!);
    if (group === undefined) groups.set(groupOf[row]!, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function areNear(weights: Float64Array, left: number, right: number, domains: number): boolean {
  let distance = 0;
  for (let domain = 0; domain < domains && distance < nearDuplicateL1; domain++) {
    distance += Math.abs(weights[left * domains + domain]! - weights[right * domains + domain]!);
  }
  return distance < nearDuplicateL1;
}
