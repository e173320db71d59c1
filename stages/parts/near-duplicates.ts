/** The part of ingest that finds near duplicates, between reading and merging. */
import { join } from "node:path";
import { readNpy, writeNpy } from "../../pipeline/core/npy.ts";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";
import type { ShardOutput, StageContext } from "../../pipeline/core/stage.ts";
import {
  bandsFile,
  documentsSharingBand,
  writeNearDuplicates,
} from "../../pipeline/corpus/near-duplicates.ts";
import type { NearDuplicatesConfig } from "../../pipeline/schema/clean-config.ts";

/** Write the list of near duplicates, as writeNearDuplicates does, to a file of the working folder. */
export async function findNearDuplicates(
  { bands }: NearDuplicatesConfig,
  parts: readonly ShardOutput[],
  { shards, workDir }: Pick<StageContext, "shards" | "workDir">,
): Promise<string> {
  const paths = parts.map((part) => part.files.get(bandsFile)!);
  const found = await shards(
    "band",
    { paths, bands },
    Array.from({ length: bands }, (_, band) => band),
  );
  const pairs: Uint32Array[] = [];
  for (const part of found) pairs.push((await readNpy(part.files.get(pairsFile)!)).data as Uint32Array);
  const list = join(workDir, "near-duplicates.txt");
  await writeNearDuplicates(list, paths, bands, pairs);
  return list;
}

const pairsFile = "pairs.npy";

/** Step band: pairs of documents that share one band; uint32, pairs * 2. */
export async function band(
  { paths, bands }: { paths: string[]; bands: number },
  index: number,
  { outDir }: ShardContext,
): Promise<unknown> {
  const pairs = await documentsSharingBand(paths, index, bands);
  await writeNpy(join(outDir, pairsFile), pairs, [pairs.length / 2, 2]);
  return { pairs: pairs.length / 2 };
}
