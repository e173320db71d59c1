/**
 * Stage 2: one vector for every document.
 *
 *   in    ingest-<hash>/documents-*.parquet
 *   out   embeddings-*.npy   float32, rows * dimension, rows of length 1, in the documents' order
 */
import { join } from "node:path";
import { z } from "zod";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { InterruptedError } from "../pipeline/core/errors.ts";
import { writeNpy } from "../pipeline/core/npy.ts";
import type { ShardContext } from "../pipeline/core/shard-step.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { readDocuments } from "../pipeline/corpus/read-documents.ts";
import { createEmbedder } from "../pipeline/embed/create-embedder.ts";
import type { EmbedConfig } from "../pipeline/schema/embed-config.ts";
import type { IngestResult } from "./ingest.ts";
import { placeFile } from "./place-file.ts";
import { runAsScript } from "./shard-main.ts";

export const EmbedResult = z.strictObject({
  identity: z.string(),
  dimension: z.int(),
  rows: z.int(),
  files: z.array(z.strictObject({ path: z.string(), rows: z.int() })),
});
export type EmbedResult = z.infer<typeof EmbedResult>;

interface EmbedStageConfig {
  readonly embed: EmbedConfig;
  /** Decides the vectors: the model's files and how they are used. */
  readonly identity: string;
}

/** Rows [from, to) of one documents file. */
interface RowRange {
  readonly documents: string;
  readonly from: number;
  readonly to: number;
}

/** Texts given to the embedder at once, among which it finds some of equal length. */
const batchDocuments = 1024;

export const embed: Stage<EmbedStageConfig, { corpus: Artifact<IngestResult> }, EmbedResult> = {
  name: "embed",
  version: 1,
  entry: import.meta.filename,
  result: EmbedResult,
  recorded: ({ identity }) => ({ identity }),
  steps: { vectors },

  async run({ embed, identity }, { corpus }, { shards, outDir }) {
    const ranges = corpus.result.shards.flatMap(({ documents, rows }) =>
      rowRanges(corpus.path(documents), rows, embed.shardDocuments),
    );
    const parts = await shards("vectors", { embed }, ranges);
    const files: EmbedResult["files"] = [];
    let dimension = 0;
    for (const [index, part] of parts.entries()) {
      const path = `embeddings-${String(index).padStart(5, "0")}.npy`;
      await placeFile(part.files.get("embeddings.npy")!, join(outDir, path));
      const { rows, dimension: of } = z.object({ rows: z.int(), dimension: z.int() }).parse(part.result);
      files.push({ path, rows });
      dimension = of;
    }
    return { identity, dimension, rows: corpus.result.documents, files };
  },
};

/** Step vectors: embed one range of rows. */
async function vectors(
  { embed }: { embed: EmbedConfig },
  { documents, from, to }: RowRange,
  { outDir, signal, progress }: ShardContext,
): Promise<unknown> {
  const embedder = await createEmbedder(embed);
  const rows = to - from;
  const embeddings = new Float32Array(rows * embedder.dimension);
  let row = 0;
  for await (const batch of readDocuments(documents, ["text"], { from, to, batchRows: batchDocuments })) {
    const texts = batch.map(({ text }) => text as string);
    let done = row;
    const vectors = await embedder.embed(texts, (finished) => {
      if (signal.aborted) throw new InterruptedError();
      progress((done += finished), rows);
    });
    embeddings.set(vectors, row * embedder.dimension);
    row += texts.length;
  }
  await embedder.close();
  await writeNpy(join(outDir, "embeddings.npy"), embeddings, [rows, embedder.dimension]);
  return { rows, dimension: embedder.dimension };
}

function rowRanges(documents: string, rows: number, size: number): RowRange[] {
  const ranges: RowRange[] = [];
  for (let from = 0; from < rows; from += size) {
    ranges.push({ documents, from, to: Math.min(rows, from + size) });
  }
  return ranges;
}

runAsScript(embed);
