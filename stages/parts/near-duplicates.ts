/** The part of ingest that finds near duplicates, between reading and merging. */
import { join } from "node:path";
import { z } from "zod";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";
import type { ShardOutput, StageContext } from "../../pipeline/core/stage.ts";
import { readBucketRows, rowsFile } from "../../pipeline/corpus/bucket-rows.ts";
import { bandsFile } from "../../pipeline/corpus/near-duplicates/band-file.ts";
import { linkDocuments, type NearDuplicate } from "../../pipeline/corpus/near-duplicates/link-documents.ts";
import { pairDocuments } from "../../pipeline/corpus/near-duplicates/pair-documents.ts";
import type { MergeShard } from "../../pipeline/corpus/plan.ts";
import type { NearDuplicatesConfig } from "../../pipeline/schema/clean-config.ts";

/** Hashes that a process is worth starting for: a few seconds' work. */
const hashesPerShard = 2 ** 22;

const pairsFile = "pairs.bin";

/** Near duplicates that go, by bucket; no path if there are none. */
const NearDuplicates = z.object({ path: z.string().optional(), buckets: z.array(z.int()) });
export type NearDuplicates = z.infer<typeof NearDuplicates>;

/** @param documents that were read, of which some may have no bands */
export async function findNearDuplicates(
  { bands }: NearDuplicatesConfig,
  parts: readonly ShardOutput[],
  documents: number,
  buckets: number,
  shards: StageContext["shards"],
): Promise<NearDuplicates> {
  const paths = parts.map((part) => part.files.get(bandsFile)!);
  const atOnce = Math.max(1, Math.floor(hashesPerShard / Math.max(1, documents)));
  const ranges = Array.from({ length: Math.ceil(bands / atOnce) }, (_, index) => ({
    from: index * atOnce,
    to: Math.min(bands, (index + 1) * atOnce),
  }));
  const found = await shards("band", { paths, bands }, ranges);
  const pairs = found.map((part) => part.files.get(pairsFile)!);
  const [linked] = await shards("link", { paths, pairs, bands, buckets }, [null]);
  return NearDuplicates.parse({ path: linked!.files.get(rowsFile), buckets: linked!.result });
}

/** Step band: pairs of documents that share one of some bands. */
export async function band(
  { paths, bands }: { paths: string[]; bands: number },
  range: { from: number; to: number },
  { outDir, signal, progress }: ShardContext,
): Promise<unknown> {
  const out = join(outDir, pairsFile);
  return { pairs: await pairDocuments({ paths, bands, ...range, out, signal, onProgress: progress }) };
}

/** Step link: of each group of linked documents, the ids of those that go, by bucket. */
export async function link(
  { paths, pairs, bands, buckets }: { paths: string[]; pairs: string[]; bands: number; buckets: number },
  _input: null,
  { outDir }: ShardContext,
): Promise<unknown> {
  return linkDocuments(paths, bands, pairs, outDir, buckets);
}

/** Ids of one merging shard's near duplicates, to the id that stays. */
export async function readNearDuplicates(
  { path, buckets: ends }: NearDuplicates,
  { bucket, index, buckets }: MergeShard,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (path === undefined) return found;
  const range = { path, from: ends[bucket]!, to: ends[bucket + 1]! };
  for await (const { id, like } of readBucketRows<NearDuplicate>([range], index, buckets))
    found.set(id, like);
  return found;
}
