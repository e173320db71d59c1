/**
 * k-means passes by shards, for an executor that spans machines: each pass over all documents is a step, each
 * shard a range of blocks. What a pass finds is put together to the bytes of one process.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { EngineName } from "../../pipeline/cluster/engine.ts";
import { createChanges, type Job } from "../../pipeline/cluster/job.ts";
import type { PassReply } from "../../pipeline/cluster/pass-messages.ts";
import { openPointFiles } from "../../pipeline/cluster/point-reader.ts";
import { openLocalRunner, type Runner } from "../../pipeline/cluster/runner.ts";
import { type RangePass, rowsOf, runRange } from "../../pipeline/cluster/shard-pass.ts";
import { hashFile, hashJson } from "../../pipeline/core/hash.ts";
import { readNpy, writeNpy } from "../../pipeline/core/npy.ts";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";
import type { StageContext } from "../../pipeline/core/stage.ts";
import { keptRows } from "./embeddings.ts";

interface PassCommon {
  readonly files: readonly string[];
  readonly dimension: number;
  /** training.npy */
  readonly training: string;
  readonly clusters: number;
  readonly engine: EngineName;
  readonly eightBit: boolean;
  /** Folder of origin.npy, centroids.npy and assignments.npy, and what is in them: other contents, another step. */
  readonly state: string;
  readonly stateHash: string;
  readonly request: RangePass;
}

interface PassRange {
  /** Blocks [from, to). */
  readonly from: number;
  readonly to: number;
}

const Reply = z.object({
  /** Null for infinity, which JSON does not have. */
  firstBadRow: z.number().nullable(),
  largest: z.number(),
  largestOffset: z.number(),
  /** Likewise. */
  largestCode: z.int().nullable(),
  moved: z.int(),
  compared: z.int(),
  agreed: z.int(),
  listed: z.int(),
});

export interface ShardedPasses extends Pick<PassCommon, "files" | "dimension" | "training"> {
  readonly shardDocuments: number;
}

/** Opens a runner whose passes over the rows are steps of the stage; k-means++ has its sample in this process. */
export function shardedRunner(
  { shardDocuments, ...source }: ShardedPasses,
  { shards, workDir }: Pick<StageContext, "shards" | "workDir">,
): (job: Job, engine: EngineName) => Promise<Runner> {
  return async (job, engine) => {
    const { points, clusters, blocks, blockRows } = job;
    const state = join(workDir, "pass-state");
    await mkdir(state, { recursive: true });
    const perShard = Math.max(1, Math.floor(shardDocuments / blockRows));
    const ranges: PassRange[] = [];
    for (let from = 0; from < blocks; from += perShard) {
      ranges.push({ from, to: Math.min(blocks, from + perShard) });
    }
    const changes = createChanges(clusters, points.dim);
    const local = await openLocalRunner(job, engine);
    return {
      changes: [changes],
      incremental: false,
      close: () => local.close(),
      async run(request) {
        if (request.pass === "take-sample" || request.pass === "score-sample") return local.run(request);
        await writeNpy(join(state, "origin.npy"), job.origin, [points.dim]);
        await writeNpy(join(state, "centroids.npy"), job.centroids, [clusters, points.dim]);
        await writeNpy(join(state, "assignments.npy"), job.assignments, [points.rows]);
        const names = ["origin.npy", "centroids.npy", "assignments.npy"];
        const hashes = await Promise.all(names.map((name) => hashFile(join(state, name))));
        const common: PassCommon = {
          ...source,
          clusters,
          engine,
          eightBit: job.coded !== undefined,
          request,
          state,
          stateHash: hashJson(hashes),
        };
        const parts = await shards("pass", common, ranges);
        changes.sums.fill(0);
        changes.counts.fill(0);
        const replies: PassReply[] = [];
        for (const [i, part] of parts.entries()) {
          const { from, to } = ranges[i]!;
          const [first] = rowsOf(job, from, to);
          const read = async (name: string) => (await readNpy(part.files.get(name)!)).data;
          const { firstBadRow, largestCode, ...reply } = Reply.parse(part.result);
          job.blockSums.set(await read("block-sums.npy"), from);
          let moved = 0;
          if (request.pass === "assign") {
            const labels = await read("assignments.npy");
            labels.forEach((label, row) => {
              if (job.assignments[first + row] !== label) moved++;
            });
            job.assignments.set(labels, first);
            (await read("sums.npy")).forEach((value, at) => (changes.sums[at]! += value));
            (await read("counts.npy")).forEach((value, k) => (changes.counts[k]! += value));
          }
          if (request.pass === "measure") job.distances.set(await read("distances.npy"), first);
          replies.push({
            ...reply,
            moved,
            firstBadRow: firstBadRow ?? Infinity,
            largestCode: largestCode ?? Infinity,
          });
        }
        return replies;
      },
    };
  };
}

/** Step pass: one range of blocks. */
export async function pass(
  { files, dimension, training, clusters, engine, eightBit, state, request }: PassCommon,
  { from, to }: PassRange,
  { outDir }: ShardContext,
): Promise<unknown> {
  const keep = (await readNpy(training)).data as Uint8Array;
  const points = keptRows(await openPointFiles(files, dimension), keep);
  const read = async (name: string) => (await readNpy(join(state, name))).data;
  const found = await runRange(
    points,
    { clusters, engine, request, eightBit, from, to },
    {
      origin: (await read("origin.npy")) as Float32Array,
      centroids: (await read("centroids.npy")) as Float32Array,
      assignments: (await read("assignments.npy")) as Uint32Array,
    },
  );
  await writeNpy(join(outDir, "block-sums.npy"), found.blockSums, [found.blockSums.length]);
  if (request.pass === "assign") {
    await writeNpy(join(outDir, "assignments.npy"), found.assignments, [found.assignments.length]);
    await writeNpy(join(outDir, "sums.npy"), found.sums, [clusters, dimension]);
    await writeNpy(join(outDir, "counts.npy"), found.counts, [clusters]);
  }
  if (request.pass === "measure") {
    await writeNpy(join(outDir, "distances.npy"), found.distances, [found.distances.length]);
  }
  return found.reply;
}
