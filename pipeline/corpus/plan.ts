import type { InputFile } from "./discover.ts";

/** Share files out to reading shards of about `shardBytes` each, in order; none is split here. */
export function planReadShards<File extends Pick<InputFile, "bytes">>(
  files: readonly File[],
  shardBytes: number,
): File[][] {
  const shards: File[][] = [];
  let filled = Number.POSITIVE_INFINITY;
  for (const file of files) {
    if (filled + file.bytes > shardBytes) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)!.push(file);
    filled += file.bytes;
  }
  return shards;
}

/** Buckets that documents are spread over for merging: as many as shards of `shardBytes` the input would fill. */
export function bucketCount(totalInputBytes: number, shardBytes: number): number {
  return Math.max(1, Math.ceil(totalInputBytes / shardBytes));
}

/** What one merging shard takes: ids of the index-th of so many buckets, whose rows all lie in one reading bucket. */
export interface MergeShard {
  readonly bucket: number;
  readonly index: number;
  readonly buckets: number;
}

/**
 * One merging shard for each bucket, or several for one with more bytes than wanted: nobody knows before reading how
 * much text is in compressed files. In order of ids; a bucket without rows has none.
 *
 * @param offsets of each file of rows, as BucketRows gives them
 */
export function planMergeShards(offsets: readonly (readonly number[])[], shardBytes: number): MergeShard[] {
  const buckets = (offsets[0]?.length ?? 1) - 1;
  const shards: MergeShard[] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const bytes = offsets.reduce((sum, of) => sum + of[bucket + 1]! - of[bucket]!, 0);
    const pieces = Math.ceil(bytes / shardBytes);
    for (let piece = 0; piece < pieces; piece++) {
      shards.push({ bucket, index: bucket * pieces + piece, buckets: buckets * pieces });
    }
  }
  return shards;
}

/** Bucket of a document id: the ids of a lower bucket all come before those of a higher one. */
export function bucketOf(id: string, buckets: number): number {
  return Math.floor((Number.parseInt(id.slice(0, 8), 16) / 2 ** 32) * buckets);
}
