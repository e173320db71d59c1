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
