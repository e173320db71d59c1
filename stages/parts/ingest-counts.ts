import { z } from "zod";
import { InputError } from "../../pipeline/core/errors.ts";

/** What is counted of documents, everywhere in ingest. */
export const Counts = z.strictObject({ documents: z.int(), tokens: z.int(), bytes: z.int() });

export function addCounts(to: z.infer<typeof Counts>, add: z.infer<typeof Counts>): void {
  to.documents += add.documents;
  to.tokens += add.tokens;
  to.bytes += add.bytes;
}

/** Documents with an embedding of their source's, and its length; null if there are none. */
export const VectorCounts = z.strictObject({ documents: z.int(), dimension: z.int() }).nullable();

/** @throws InputError if the embeddings differ in length */
export function sumVectors(
  sum: z.infer<typeof VectorCounts>,
  { vectors, dimension }: { readonly vectors: number; readonly dimension: number },
): z.infer<typeof VectorCounts> {
  if (vectors === 0) return sum;
  if (sum !== null && sum.dimension !== dimension) {
    throw new InputError(
      `the sources bring embeddings of ${sum.dimension} and of ${dimension} numbers`,
      "embeddings of one corpus are of one model; name the column of that model in each source's fields.embedding",
    );
  }
  return { documents: (sum?.documents ?? 0) + vectors, dimension };
}

/** Documents in which addresses were masked, and how many. */
export const Masked = z.strictObject({ documents: z.int(), addresses: z.int() });

/** What a reading shard says of itself. */
export const ReadResult = z.object({
  documents: z.int(),
  masked: Masked,
  buckets: z.array(z.int()),
  kept: z.array(z.object({ source: z.string(), file: z.string(), documents: z.int() })),
  parts: z.array(
    z.object({
      source: z.string(),
      file: z.string(),
      part: z.int(),
      fromByte: z.int(),
      lines: z.int().nullable(),
    }),
  ),
});

/** What a merging shard says of itself. */
export const MergeResult = z.object({
  ...Counts.shape,
  duplicates: z.int(),
  labelled: z.int(),
  questions: z.int(),
  vectors: z.int(),
  dimension: z.int(),
  bySource: z.record(z.string(), Counts),
});

const fileKey = (source: string, file: string) => JSON.stringify([source, file]);

/** Documents by source and file, whose parts may have been read by different shards. */
export function sumByFile(
  kept: z.output<typeof ReadResult>["kept"],
): (source: string, file: string) => number {
  const sums = new Map<string, number>();
  for (const { source, file, documents } of kept) {
    sums.set(fileKey(source, file), (sums.get(fileKey(source, file)) ?? 0) + documents);
  }
  return (source, file) => sums.get(fileKey(source, file)) ?? 0;
}
