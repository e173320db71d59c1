/**
 * The mixture itself: documents or token ids in the weights' proportions, shuffled, in the format of a trainer. This script does
 * one output shard; materialize-run.ts decides what is in each.
 *
 *   in    the corpus, its domains, and how often each document is written
 *   out   the files of one shard
 *
 * Memory: 12 bytes a document of the corpus; up to five times the shard's text, or its token ids up to 128 MB.
 */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InterruptedError } from "../pipeline/core/errors.ts";
import { readNpy } from "../pipeline/core/npy.ts";
import type { ShardContext } from "../pipeline/core/shard-step.ts";
import { readDocuments } from "../pipeline/corpus/read-documents.ts";
import type { CorpusRows, Cut } from "../pipeline/materialize/draw.ts";
import {
  endings,
  endOfDocument,
  type Format,
  isTextFormat,
  type TokenFormat,
  tokenBytes,
} from "../pipeline/materialize/formats.ts";
import { type CorpusFile, gatherTokens, type TokenPiece } from "../pipeline/materialize/gather.ts";
import { type Items, itemsOf } from "../pipeline/materialize/items.ts";
import type { ShardPlan } from "../pipeline/materialize/layout.ts";
import { countItems, type WrittenShard } from "../pipeline/materialize/materialized.ts";
import { writeDatatrove } from "../pipeline/materialize/write-datatrove.ts";
import { type MdsShard, writeMdsShard } from "../pipeline/materialize/write-mds.ts";
import { writeMegatron } from "../pipeline/materialize/write-megatron.ts";
import { type DocumentOrigin, writeMemmap } from "../pipeline/materialize/write-memmap.ts";
import { Random } from "../pipeline/math/random.ts";
import type { TokenizerName } from "../pipeline/schema/config.ts";
import { openTextWriter } from "./parts/materialize-text.ts";
import { runAsScript } from "./parts/shard-main.ts";

/** What all shards share. */
export interface ShardCommon {
  readonly format: Format;
  readonly tokenizer: { readonly name: TokenizerName; readonly vocabularySize: number };
  readonly seed: number;
  readonly sequenceTokens: number;
  readonly shardBytes: number;
  /** Name of the corpus's artifact. */
  readonly corpus: string;
  readonly files: readonly CorpusFile[];
  /** .npy, one value a row. */
  readonly rows: { readonly domain: string; readonly tokens: string; readonly copies: string };
  readonly cuts: readonly Cut[];
  readonly domainIds: readonly string[];
}

/** Step write: the files of some output shards; none of a shard into which no document falls. */
async function write(
  common: ShardCommon,
  plans: readonly ShardPlan[],
  { outDir, signal, progress }: ShardContext,
): Promise<WrittenShard[]> {
  const rowDomain = (await readNpy(common.rows.domain)).data as Int32Array;
  const rowTokens = (await readNpy(common.rows.tokens)).data as Uint32Array;
  const copies = (await readNpy(common.rows.copies)).data as Uint32Array;
  const seed = new Random(common.seed).fork("materialize/shards");
  const writer = await openWriter({ ...common, rowDomain, rowTokens }, signal);
  const written: WrittenShard[] = [];
  try {
    for (const plan of plans) {
      const items = itemsOf({ rowDomain, rowTokens }, { copies, cuts: common.cuts }, plan, seed);
      const counts = countItems(items, rowDomain, common.domainIds);
      if (counts.documents === 0) {
        written.push({ ...counts, paths: [], mds: null });
      } else {
        const paths = endings[common.format].map((ending) => plan.stem + ending);
        await mkdir(dirname(join(outDir, plan.stem)), { recursive: true });
        written.push({ ...counts, paths, mds: await writer.write(join(outDir, plan.stem), items) });
      }
      progress(written.length, plans.length);
    }
  } finally {
    writer.close();
  }
  return written;
}

interface Writer {
  /** Writes the files of one shard. */
  readonly write: (stem: string, items: Items) => Promise<MdsShard | null>;
  readonly close: () => void;
}

async function openWriter(corpus: ShardCommon & CorpusRows, signal: AbortSignal): Promise<Writer> {
  const { format } = corpus;
  if (!isTextFormat(format)) {
    return { write: (stem, items) => writeTokens(stem, format, items, corpus, signal), close: () => {} };
  }
  const { write, close } = await openTextWriter(format, corpus, signal);
  return {
    write: async (stem, items) => {
      await write(stem + endings[format][0]!, items);
      return null;
    },
    close,
  };
}

async function writeTokens(
  stem: string,
  format: TokenFormat,
  items: Items,
  corpus: ShardCommon & CorpusRows,
  signal: AbortSignal,
): Promise<MdsShard | null> {
  const { tokenizer, sequenceTokens, shardBytes } = corpus;
  const bytes = tokenBytes(format, tokenizer.vocabularySize);
  const end = endOfDocument[tokenizer.name];
  const gathered = gatherTokens(items, { ...corpus, endOfDocument: end, tokenBytes: bytes });
  const pieces = untilAborted(gathered, signal);
  if (format === "mds") {
    const totalTokens = items.tokens.reduce((sum, count) => sum + count + 1, 0);
    const options = { sequenceTokens, totalTokens, endOfDocument: end, shardBytes };
    return writeMdsShard(stem + endings.mds[0]!, pieces, options);
  }
  if (format === "megatron") await writeMegatron(stem, pieces, bytes);
  else if (format === "npy") await writeMemmap(stem, pieces, await originsOf(items, corpus));
  else await writeDatatrove(stem, pieces, { tokenizer: tokenizer.name, tokenBytes: bytes });
  return null;
}

async function* untilAborted(
  pieces: AsyncIterable<TokenPiece>,
  signal: AbortSignal,
): AsyncGenerator<TokenPiece> {
  for await (const piece of pieces) {
    if (signal.aborted) throw new InterruptedError();
    yield piece;
  }
}

/** Where each item's document lies in the corpus. */
async function originsOf(
  { rows }: Items,
  { files, corpus }: Pick<ShardCommon, "files" | "corpus">,
): Promise<(item: number) => DocumentOrigin> {
  const origins = new Map<number, DocumentOrigin | undefined>(Array.from(rows, (row) => [row, undefined]));
  for (const { documents, firstRow, rows: count } of files) {
    if (!rows.some((row) => row >= firstRow && row < firstRow + count)) continue;
    const file = `${corpus}/${documents.split("/").at(-1)}`;
    let row = firstRow;
    for await (const batch of readDocuments(documents, ["id"], { batchRows: 2048 })) {
      for (const { id } of batch) {
        if (origins.has(row)) origins.set(row, { id: id as string, file, line: row - firstRow + 1 });
        row++;
      }
    }
  }
  return (item) => origins.get(rows[item]!)!;
}

export const materialize = { name: "materialize", entry: import.meta.filename, steps: { write } };

runAsScript(materialize);
