/**
 * Stage 2: one vector for every document.
 *
 *   in    ingest-<hash>/documents-*.parquet, vectors-*.npy with embed.readyMade
 *   out   embeddings-*.npy   float32, rows * dimension, rows of length 1, in the documents' order
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Artifact } from "../pipeline/core/artifact.ts";
import { writeFileAtomic } from "../pipeline/core/atomic-file.ts";
import { InputError, InterruptedError } from "../pipeline/core/errors.ts";
import { readNpy, writeNpy } from "../pipeline/core/npy.ts";
import type { ShardContext } from "../pipeline/core/shard-step.ts";
import type { Stage } from "../pipeline/core/stage.ts";
import { readDocuments } from "../pipeline/corpus/read-documents.ts";
import { createEmbedder } from "../pipeline/embed/create-embedder.ts";
import { readyMadeRows } from "../pipeline/embed/ready-made.ts";
import type { EmbedConfig } from "../pipeline/schema/embed-config.ts";
import {
  EarlierVectors,
  findEarlierVectors,
  type FoundVectors,
  readEarlierVectors,
} from "./parts/earlier-vectors.ts";
import type { IngestResult } from "./ingest.ts";
import { placeFile } from "./parts/place-file.ts";
import { runAsScript } from "./parts/shard-main.ts";

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
  /** The embeddings these documents brought, if any did. */
  readonly brought: string | null;
  readonly from: number;
  readonly to: number;
}

/** Texts given to the embedder at once, of which it may send several to a server at a time. */
const batchDocuments = 1024;

const PartResult = z.object({ rows: z.int(), dimension: z.int(), reused: z.int() });

export const embed: Stage<EmbedStageConfig, { corpus: Artifact<IngestResult> }, EmbedResult> = {
  name: "embed",
  version: 1,
  entry: import.meta.filename,
  result: EmbedResult,
  recorded: ({ identity }) => ({ identity }),
  steps: { vectors },

  async run({ embed, identity }, { corpus }, { shards, outDir, workDir, artifactsDir, progress }) {
    // Looked up once, so that a run that is resumed finds its shards as they were.
    const earlier = join(workDir, "earlier.json");
    if (!existsSync(earlier)) {
      const found = embed.readyMade ? [] : await findEarlierVectors(artifactsDir, identity, EmbedResult);
      await writeFileAtomic(earlier, JSON.stringify(found));
    }
    const ranges = corpus.result.shards.flatMap(({ documents, vectors, rows }) =>
      rowRanges(rows, embed.shardDocuments).map(({ from, to }) => ({
        documents: corpus.path(documents),
        brought: embed.readyMade && vectors !== null ? corpus.path(vectors) : null,
        from,
        to,
      })),
    );
    const parts = await shards("vectors", { embed, earlier }, ranges);
    const files: EmbedResult["files"] = [];
    let [dimension, reused] = [0, 0];
    for (const [index, part] of parts.entries()) {
      const path = `embeddings-${String(index).padStart(5, "0")}.npy`;
      await placeFile(part.files.get("embeddings.npy")!, join(outDir, path));
      const made = PartResult.parse(part.result);
      if (index > 0 && made.dimension !== dimension)
        throw differentDimensions(embed, dimension, made.dimension);
      files.push({ path, rows: made.rows });
      dimension = made.dimension;
      reused += made.reused;
    }
    if (reused > 0) {
      const text = `${reused} of ${corpus.result.documents} vectors are from earlier runs`;
      progress({ event: "note", stage: "embed", text });
    }
    return { identity, dimension, rows: corpus.result.documents, files };
  },
};

/** Step vectors: embed one range of rows, but for those that bring a vector or have been embedded before. */
async function vectors(
  { embed, earlier }: { embed: EmbedConfig; earlier: string },
  range: RowRange,
  { outDir, signal, progress }: ShardContext,
): Promise<unknown> {
  const { documents, brought, from, to } = range;
  const rows = to - from;
  const found =
    brought === null
      ? await readEarlierVectors(EarlierVectors.parse(JSON.parse(await readFile(earlier, "utf8"))), range)
      : await readBroughtVectors(brought, range);
  const has = found?.has ?? new Uint8Array(rows);
  const known = has.reduce((count, bit) => count + bit, 0);

  let embeddings = found?.rows ?? new Float32Array(0);
  let dimension = found?.dimension ?? 0;
  if (known < rows) {
    const embedder = await createEmbedder(embed);
    if (found === undefined) {
      dimension = embedder.dimension;
      embeddings = new Float32Array(rows * dimension);
    } else if (embedder.dimension !== dimension) {
      throw differentDimensions(embed, dimension, embedder.dimension);
    }
    let [row, done] = [0, known];
    for await (const batch of readDocuments(documents, ["text"], { from, to, batchRows: batchDocuments })) {
      const missing = Array.from(batch.keys()).filter((place) => has[row + place] === 0);
      const made = await embedder.embed(
        missing.map((place) => batch[place]!["text"] as string),
        (finished) => {
          if (signal.aborted) throw new InterruptedError();
          progress((done += finished), rows);
        },
      );
      for (const [i, place] of missing.entries()) {
        embeddings.set(made.subarray(i * dimension, (i + 1) * dimension), (row + place) * dimension);
      }
      row += batch.length;
    }
    await embedder.close();
  }
  await writeNpy(join(outDir, "embeddings.npy"), embeddings, [rows, dimension]);
  return { rows, dimension, reused: brought === null ? known : 0 };
}

/** @throws InputError if an embedding holds something other than finite numbers */
async function readBroughtVectors(path: string, { documents, from, to }: RowRange): Promise<FoundVectors> {
  const { data, shape } = await readNpy(path);
  const dimension = shape[1]!;
  const part = (data as Float32Array).subarray(from * dimension, to * dimension);
  const place = (row: number) => `document ${from + row} of ${documents}`;
  return { dimension, ...readyMadeRows(part, dimension, place) };
}

function differentDimensions({ model }: EmbedConfig, one: number, other: number): InputError {
  return new InputError(
    `some documents bring embeddings and others are embedded by ${model}: dimensions ${one} and ${other}`,
    "set embed.model to the model the embeddings are of, or embed.readyMade to false",
  );
}

function rowRanges(rows: number, size: number): { from: number; to: number }[] {
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    from: i * size,
    to: Math.min(rows, (i + 1) * size),
  }));
}

runAsScript(embed);
