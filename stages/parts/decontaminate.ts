/** The part of holdout that finds training text which gives a target or a benchmark away, by text alone. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Artifact } from "../../pipeline/core/artifact.ts";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";
import type { StageContext } from "../../pipeline/core/stage.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import { indexJudgingTexts, type Judging } from "../../pipeline/holdout/decontamination.ts";
import type { CorpusFile } from "../../pipeline/materialize/gather.ts";
import type { HoldoutConfig } from "../../pipeline/schema/corpus-config.ts";
import type { IngestResult } from "../ingest.ts";
import { corpusFiles } from "./corpus-files.ts";
import { judgeDocuments } from "./judge-documents.ts";

const Giveaways = z.array(
  z.strictObject({
    row: z.int(),
    id: z.string(),
    targetId: z.string(),
    overlap: z.number(),
    by: z.enum(["ngrams", "minhash"]),
  }),
);
export type Giveaway = z.infer<typeof Giveaways>[number];

interface DecontaminateCommon {
  /** Parquet files of documents, or JSON lines of id and text. */
  readonly judgingFiles: readonly string[];
  /** Of judging files whose names do not say what is in them. */
  readonly judgingHash?: string;
  readonly options: Pick<HoldoutConfig, "ngramWords" | "minNgramShare" | "minSimilarity">;
}

/** Documents of the corpus that resemble one of the judging artifacts' too much; ascending by row. */
export async function decontaminate(
  corpus: Artifact<IngestResult>,
  judging: readonly Artifact<IngestResult>[],
  holdout: HoldoutConfig,
  shards: StageContext["shards"],
): Promise<Giveaway[]> {
  const files = judging.flatMap((of) => of.result.shards.map(({ documents }) => of.path(documents)));
  return decontaminateFrom({ files }, corpus, holdout, shards);
}

/** The same, the judging texts lying in files. */
export async function decontaminateFrom(
  judging: { readonly files: readonly string[]; readonly hash?: string },
  corpus: Artifact<IngestResult>,
  { ngramWords, minNgramShare, minSimilarity }: HoldoutConfig,
  shards: StageContext["shards"],
): Promise<Giveaway[]> {
  const common: DecontaminateCommon = {
    judgingFiles: judging.files,
    ...(judging.hash !== undefined && { judgingHash: judging.hash }),
    options: { ngramWords, minNgramShare, minSimilarity },
  };
  const found = await shards("giveaways", common, corpusFiles(corpus));
  return found.flatMap(({ result }) => Giveaways.parse(result));
}

/** Step giveaways: the documents of one file that resemble a judging text too much. */
export async function giveaways(
  { judgingFiles, options }: DecontaminateCommon,
  file: CorpusFile,
  context: ShardContext,
): Promise<Giveaway[]> {
  const judges: Judging[] = [];
  for (const path of judgingFiles) {
    if (path.endsWith(".jsonl")) {
      const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
      for (const line of lines) judges.push(JSON.parse(line) as Judging);
      continue;
    }
    for await (const batch of readDocuments(path, ["id", "text"], { batchRows: 512 })) {
      judges.push(...batch.map(({ id, text }) => ({ id: id as string, text: text as string })));
    }
  }
  const resemblanceOf = indexJudgingTexts(judges, options);
  const giveawayOf = (text: string) => {
    const found = resemblanceOf(text);
    return found && { targetId: found.judge.id, overlap: found.overlap, by: found.by };
  };
  return judgeDocuments(file, giveawayOf, context);
}
