/** Sums of values that share a group, groups in the order they first appear. */
export function sumByGroup(values: ArrayLike<number>, groups: ArrayLike<number>): number[] {
  const sums = new Map<number, number>();
  for (let i = 0; i < values.length; i++) sums.set(groups[i]!, (sums.get(groups[i]!) ?? 0) + values[i]!);
  return [...sums.values()];
}
