/** Array indices have an upper bound (MaxArraySize, 1001 where a site did not change it); shard numbers have not. */
export interface ArrayWindow {
  /** Added to an array index it gives the shard. */
  readonly offset: number;
  /** Ascending array indices below the bound. */
  readonly indices: readonly number[];
}

/**
 * @param maxArraySize Slurm's MaxArraySize: the largest index is one less
 * @returns one window for every `maxArraySize` shard numbers that hold any of `shards`, ascending
 */
export function arrayWindows(shards: readonly number[], maxArraySize: number): ArrayWindow[] {
  const windows = new Map<number, number[]>();
  for (const shard of [...new Set(shards)].sort((left, right) => left - right)) {
    const offset = Math.floor(shard / maxArraySize) * maxArraySize;
    const indices = windows.get(offset) ?? [];
    windows.set(offset, indices);
    indices.push(shard - offset);
  }
  return [...windows].map(([offset, indices]) => ({ offset, indices }));
}

/** Ascending numbers as sbatch --array takes them: 2,5,9-12. */
export function formatIndices(indices: readonly number[]): string {
  const ranges: string[] = [];
  for (let start = 0; start < indices.length;) {
    let end = start;
    while (indices[end + 1] === indices[end]! + 1) end++;
    ranges.push(end === start ? `${indices[start]}` : `${indices[start]}-${indices[end]}`);
    start = end + 1;
  }
  return ranges.join(",");
}
