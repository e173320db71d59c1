/** The finished folder: the shards' files under their own names, indexes, and materialized.json. */
import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { syncFolder, writeFileAtomic } from "../../pipeline/core/atomic-file.ts";
import type { Marker } from "../../pipeline/core/marker.ts";
import { endOfDocument, isTextFormat } from "../../pipeline/materialize/formats.ts";
import { Materialized, sumShards, WrittenShard } from "../../pipeline/materialize/materialized.ts";
import { mdsIndex, type MdsShard } from "../../pipeline/materialize/write-mds.ts";
import type { MaterializePlan } from "./materialize-plan.ts";
import { placeFile } from "./place-file.ts";
import { toolVersion } from "./tool-version.ts";

interface WrittenStep {
  readonly stepDir: string;
  readonly markers: readonly Marker[];
}

/** Makes the folder, or makes it again, from what the shards wrote. */
export async function fillFolder(
  folder: string,
  plan: MaterializePlan,
  { stepDir, markers }: WrittenStep,
): Promise<Materialized> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const written = await placeShards(markers, stepDir, folder);
  const indexFiles = await writeIndexes(written, folder, plan.request.shardBytes);
  const made = describe(plan, written, indexFiles);
  await writeFileAtomic(join(folder, "materialized.json"), `${JSON.stringify(made, undefined, 2)}\n`);
  for (const inside of foldersOf(made)) await syncFolder(join(folder, inside));
  return made;
}

type PlacedShard = Materialized["shards"][number] & { readonly mds: MdsShard | null };

/** Puts the shards' files under their own names; hard links, so that a kill here costs nothing. */
async function placeShards(
  markers: readonly Marker[],
  stepDir: string,
  folder: string,
): Promise<PlacedShard[]> {
  const placed: PlacedShard[] = [];
  for (const { outputs, result } of markers) {
    // out/<shard>.<attempt>/<path>
    const outputOf = new Map(outputs.map((output) => [output.path.split("/").slice(2).join("/"), output]));
    for (const { paths, ...shard } of z.array(WrittenShard).parse(result)) {
      if (shard.documents === 0) continue;
      const files = paths.map((path) => ({ ...outputOf.get(path)!, path }));
      for (const path of paths) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await placeFile(join(stepDir, outputOf.get(path)!.path), join(folder, path));
      }
      placed.push({ ...shard, files });
    }
  }
  return placed;
}

/** Every folder of MDS shards has an index of them. */
async function writeIndexes(
  shards: readonly PlacedShard[],
  folder: string,
  shardBytes: number,
): Promise<Materialized["indexFiles"]> {
  const folders = new Map<string, MdsShard[]>();
  for (const { mds, files } of shards) {
    if (mds === null) continue;
    const path = dirname(files[0]!.path);
    folders.set(path, [...(folders.get(path) ?? []), mds]);
  }
  const written: Materialized["indexFiles"] = [];
  for (const [path, inFolder] of folders) {
    const text = mdsIndex(inFolder, shardBytes);
    const index = join(path, "index.json");
    await writeFileAtomic(join(folder, index), text);
    const sha256 = createHash("sha256").update(text).digest("hex");
    written.push({ path: index, bytes: Buffer.byteLength(text), sha256 });
  }
  return written;
}

function describe(
  { inputs, request, fingerprint, weights, budgets }: MaterializePlan,
  written: readonly PlacedShard[],
  indexFiles: Materialized["indexFiles"],
): Materialized {
  const { manifest, mixtureSha256, tokenizer, corpus, domains } = inputs;
  const layout = request.tokens === null ? "by-domain" : "mixture";
  const listed = manifest.domains.map(({ id, tokens }, i) => ({
    id,
    weight: weights[i]!,
    budgetTokens: budgets[i]!,
    corpusTokens: tokens,
  }));
  const sums = sumShards(listed, written, layout);
  const padding = written.reduce((sum, { mds }) => sum + (mds?.paddingTokens ?? 0), 0);
  return Materialized.parse({
    schemaVersion: 1,
    name: manifest.name,
    fingerprint,
    format: request.format,
    layout,
    phase: request.phase,
    seed: manifest.lineage.seed,
    tokenizer,
    requestedTokens: request.tokens,
    endOfDocument: isTextFormat(request.format)
      ? null
      : { id: endOfDocument[tokenizer.name], tokens: sums.documents, paddingTokens: padding },
    ...sums,
    shards: written.map(({ mds: _, ...shard }) => shard),
    indexFiles,
    lineage: {
      toolVersion,
      mixtureSha256,
      artifacts: { corpus: corpus.name, domains: domains.name },
    },
  } satisfies Record<keyof Materialized, unknown>);
}

function foldersOf({ shards }: Materialized): Set<string> {
  return new Set([".", ...shards.flatMap(({ files }) => files.map(({ path }) => dirname(path)))]);
}
