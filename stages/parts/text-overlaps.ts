/** The part of holdout that finds near duplicates of target documents where the corpus has no vectors. */
import { z } from "zod";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";
import type { StageContext } from "../../pipeline/core/stage.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import type { Contamination } from "../../pipeline/holdout/contaminated.ts";
import { indexOverlaps } from "../../pipeline/holdout/overlap-index.ts";
import type { CorpusFile } from "../../pipeline/materialize/gather.ts";
import type { IngestResult } from "../ingest.ts";
import { corpusFiles } from "./corpus-files.ts";
import { judgeDocuments } from "./judge-documents.ts";

const Contaminations = z.array(
  z.strictObject({ row: z.int(), id: z.string(), targetId: z.string(), overlap: z.number() }),
);

/** Without vectors: every training document is compared with all targets, by their word 5-grams. */
export async function byText(
  corpus: Artifact<IngestResult>,
  targets: Artifact<IngestResult>,
  maxOverlap: number,
  shards: StageContext["shards"],
): Promise<Contamination[]> {
  const targetFiles = targets.result.shards.map(({ documents }) => targets.path(documents));
  const found = await shards("overlaps", { targetFiles, maxOverlap }, corpusFiles(corpus));
  return found.flatMap(({ result }) => Contaminations.parse(result));
}

/** Step overlaps: the documents of one file that nearly duplicate a target document. */
export async function overlaps(
  { targetFiles, maxOverlap }: { readonly targetFiles: readonly string[]; readonly maxOverlap: number },
  file: CorpusFile,
  context: ShardContext,
): Promise<Contamination[]> {
  const targets: Readonly<Record<string, unknown>>[] = [];
  for (const path of targetFiles) {
    for await (const batch of readDocuments(path, ["id", "text"], { batchRows: 512 })) targets.push(...batch);
  }
  const overlapOf = indexOverlaps(
    targets.map(({ text }) => text as string),
    maxOverlap,
  );
  const duplicateOf = (text: string) => {
    const most = overlapOf(text);
    return most && { targetId: targets[most.target]!["id"] as string, overlap: most.overlap };
  };
  return judgeDocuments(file, duplicateOf, context);
}
