import type { InputFile } from "./discover.ts";

/** Share files out to reading shards of about `shardBytes` each, in order; a file is never split. */
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

/** Bucket of a document id: the ids of a lower bucket all come before those of a higher one. */
export function bucketOf(id: string, buckets: number): number {
  return Math.floor((Number.parseInt(id.slice(0, 8), 16) / 2 ** 32) * buckets);
}

/** Name of the file in which a reading shard leaves the documents of one bucket. */
export function bucketFile(bucket: number): string {
  return `bucket-${String(bucket).padStart(5, "0")}.ndjson`;
}
