/**
 * Where each label occurs in one stream, so that "how often among the first n positions" is one binary search.
 * Labels without an occurrence take no room.
 */
export interface Occurrences {
  /** The labels that occur, ascending. */
  labels: Uint32Array;
  /** Exclusive end of each one's run in `positions`. */
  ends: Uint32Array;
  /** Ascending within each run. */
  positions: Uint32Array;
}

/** @param labels Label at each position, below `labelCount`; -1 for none. */
export function indexOccurrences(labels: Int32Array, labelCount: number): Occurrences {
  const cursors = new Uint32Array(labelCount);
  for (let i = 0; i < labels.length; i++) if (labels[i]! >= 0) cursors[labels[i]!]!++;
  const present = Uint32Array.from(cursors.keys()).filter((label) => cursors[label]! > 0);
  const ends = new Uint32Array(present.length);
  let total = 0;
  for (let p = 0; p < present.length; p++) {
    const count = cursors[present[p]!]!;
    cursors[present[p]!] = total;
    total += count;
    ends[p] = total;
  }
  const positions = new Uint32Array(total);
  for (let i = 0; i < labels.length; i++) if (labels[i]! >= 0) positions[cursors[labels[i]!]!++] = i;
  return { labels: present, ends, positions };
}

/**
 * Adds to counts[label] what its occurrences among the first `prefix` positions count for, at `perToken` each.
 *
 * @param least If given, takes `perToken` for labels that occur and had no count before: the smallest over the
 *   domains when those are added in ascending order of `perToken`.
 */
export function addCounts(
  { labels, ends, positions }: Occurrences,
  prefix: number,
  perToken: number,
  counts: Float64Array,
  least?: Float64Array,
): void {
  let start = 0;
  for (let p = 0; p < labels.length; p++) {
    const end = ends[p]!;
    const label = labels[p]!;
    const found = lowerBound(positions, start, end, prefix) - start;
    if (least !== undefined && found > 0 && counts[label] === 0) least[label] = perToken;
    counts[label]! += perToken * found;
    start = end;
  }
}

/** First index of the ascending run [start, end) whose position is not below `bound`; end if all are. */
function lowerBound(positions: Uint32Array, start: number, end: number, bound: number): number {
  // Runs are mostly short, or wholly inside a prefix that is the whole stream.
  if (positions[end - 1]! < bound) return end;
  let low = start;
  let high = end - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (positions[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
