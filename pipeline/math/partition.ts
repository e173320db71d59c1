/** How far two partitions of the same items agree, from their contingency table. */

export interface PartitionAgreement {
  /** Share of the items that are in their group's most frequent class. */
  readonly purity: number;
  /** Mutual information over the arithmetic mean of the two entropies (scikit-learn's default), 0..1. */
  readonly nmi: number;
  /** Rand index adjusted for chance (Hubert & Arabie 1985): 0 for random groups, 1 for equal ones. */
  readonly ari: number;
}

/**
 * @param groups one a item; items with a negative group or class do not count
 * @param classes one a item
 * @throws RangeError for no items, or unequal lengths
 */
export function partitionAgreement(
  groups: ArrayLike<number>,
  classes: ArrayLike<number>,
): PartitionAgreement {
  if (groups.length !== classes.length) {
    throw new RangeError(`groups.length=${groups.length} should equal classes.length=${classes.length}`);
  }
  const cells = new Map<number, Map<number, number>>();
  const classSizes = new Map<number, number>();
  let items = 0;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    const label = classes[i]!;
    if (group < 0 || label < 0) continue;
    const row = cells.get(group) ?? new Map<number, number>();
    cells.set(group, row.set(label, (row.get(label) ?? 0) + 1));
    classSizes.set(label, (classSizes.get(label) ?? 0) + 1);
    items++;
  }
  if (items === 0) throw new RangeError("items=0 should be >= 1");
  const counts = [...cells.values()].map((row) => [...row.values()]);
  const groupSizes = counts.map((row) => add(row));
  const labelSizes = [...classSizes.values()];
  // H(group) + H(class) - H(group, class)
  const joint = entropy(counts.flat(), items);
  const both = entropy(groupSizes, items) + entropy(labelSizes, items);
  const together = add(counts.flat().map(pairs));
  const inGroups = add(groupSizes.map(pairs));
  const inClasses = add(labelSizes.map(pairs));
  const byChance = items < 2 ? 0 : (inGroups * inClasses) / pairs(items);
  const largest = (inGroups + inClasses) / 2;
  return {
    purity: add(counts.map((row) => Math.max(...row))) / items,
    nmi: both === 0 ? 1 : Math.max(0, both - joint) / (both / 2),
    ari: largest === byChance ? 1 : (together - byChance) / (largest - byChance),
  };
}

/** groups * sum of squared sizes / items^2 over all groups: 1 if all are of one size (FAISS's imbalance factor). */
export function imbalance(sizes: readonly number[]): number {
  return (sizes.length * add(sizes.map((size) => size ** 2))) / add(sizes) ** 2;
}

function entropy(sizes: readonly number[], items: number): number {
  return -add(sizes.map((size) => (size / items) * Math.log(size / items)));
}

function pairs(size: number): number {
  return (size * (size - 1)) / 2;
}

function add(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
