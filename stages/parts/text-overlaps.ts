/** The part of holdout that finds near duplicates of target documents where the corpus has no vectors. */
import { z } from "zod";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import { InterruptedError } from "../../pipeline/core/errors.ts";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";
import type { StageContext } from "../../pipeline/core/stage.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import type { Contamination } from "../../pipeline/holdout/contaminated.ts";
import { indexOverlaps } from "../../pipeline/holdout/overlap-index.ts";
import type { IngestResult } from "../ingest.ts";

const Contaminations = z.array(
  z.strictObject({ row: z.int(), id: z.string(), targetId: z.string(), overlap: z.number() }),
);

/** A file of the corpus as a shard gets it. */
interface CorpusRows {
  readonly documents: string;
  readonly firstRow: number;
}

/** Without vectors: every training document is compared with all targets, by their word 5-grams. */
export async function byText(
  corpus: Artifact<IngestResult>,
  targets: Artifact<IngestResult>,
  maxOverlap: number,
  shards: StageContext["shards"],
): Promise<Contamination[]> {
  let firstRow = 0;
  const files = corpus.result.shards.map(({ documents, rows }): CorpusRows => {
    const file = { documents: corpus.path(documents), firstRow };
    firstRow += rows;
    return file;
  });
  const targetFiles = targets.result.shards.map(({ documents }) => targets.path(documents));
  const found = await shards("overlaps", { targetFiles, maxOverlap }, files);
  return found.flatMap(({ result }) => Contaminations.parse(result));
}

/** Step overlaps: the documents of one file that nearly duplicate a target document. */
export async function overlaps(
  { targetFiles, maxOverlap }: { readonly targetFiles: readonly string[]; readonly maxOverlap: number },
  { documents, firstRow }: CorpusRows,
  { signal, progress }: ShardContext,
): Promise<Contamination[]> {
  const targets: Readonly<Record<string, unknown>>[] = [];
  for (const file of targetFiles) {
    for await (const batch of readDocuments(file, ["id", "text"], { batchRows: 512 })) targets.push(...batch);
  }
  const overlapOf = indexOverlaps(
    targets.map(({ text }) => text as string),
    maxOverlap,
  );
  const found: Contamination[] = [];
  let row = firstRow;
  for await (const batch of readDocuments(documents, ["id", "text"], { batchRows: 512 })) {
    if (signal.aborted) throw new InterruptedError();
    for (const { id, text } of batch) {
      const most = overlapOf(text as string);
      if (most !== undefined) {
        const targetId = targets[most.target]!["id"] as string;
        found.push({ row, id: id as string, targetId, overlap: most.overlap });
      }
      row++;
    }
    progress(row - firstRow, row - firstRow);
  }
  return found;
}
