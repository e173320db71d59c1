/**
 * One pass over a range of a job's blocks in a process of its own. Since the clusters' sums are exact and
 * everything else belongs to a block, the ranges' results put together are those of one process, to the bit.
 */
import type { EngineName } from "./engine.ts";
import { createJob, type Job } from "./job.ts";
import { centre } from "./lloyd.ts";
import type { PassReply, PassRequest } from "./pass-messages.ts";
import type { PointSource } from "./points.ts";
import { codeCentroids } from "./quantise.ts";
import { openLocalRunner } from "./runner.ts";

/** The passes that can be done by ranges. */
export type RangePass = Extract<PassRequest, { pass: "inspect" | "assign" | "measure" }>;

export interface RangeInput {
  readonly clusters: number;
  readonly engine: EngineName;
  readonly request: RangePass;
  /** Whether some passes use eight-bit codes. */
  readonly eightBit: boolean;
  /** Blocks [from, to). */
  readonly from: number;
  readonly to: number;
}

/** Arrays are of the range's rows or blocks. */
export interface RangeResult {
  readonly reply: PassReply;
  readonly blockSums: Float64Array;
  readonly assignments: Uint32Array;
  readonly distances: Float32Array;
  /** clusters * dim, and clusters: of all rows of the range. */
  readonly sums: Float64Array;
  readonly counts: Int32Array;
}

/**
 * @param state origin (dim), centroids (clusters * dim), and for the pass `measure` all rows' assignments
 */
export async function runRange(
  points: PointSource,
  { clusters, engine, request, eightBit, from, to }: RangeInput,
  state: { origin: Float32Array; centroids: Float32Array; assignments?: Uint32Array | undefined },
): Promise<RangeResult> {
  const job = createJob(points, clusters, { cacheBytes: 0, eightBit });
  job.origin.set(state.origin);
  job.centroids.set(state.centroids);
  if (state.assignments !== undefined) job.assignments.set(state.assignments);
  centre(job);
  if (request.pass === "assign" && request.coded !== undefined) {
    codeCentroids(job, request.coded);
  }
  const runner = await openLocalRunner(job, engine);
  // Blocks of other ranges are as good as taken in the pass to come, which is the first.
  job.claims.forEach((_, block) => {
    if (block < from || block >= to) job.claims[block] = 1;
  });
  const [reply] = await runner.run(request);
  await runner.close();
  const [first, last] = rowsOf(job, from, to);
  const [changes] = runner.changes;
  return {
    reply: reply!,
    blockSums: job.blockSums.slice(from, to),
    assignments: job.assignments.slice(first, last),
    distances: job.distances.slice(first, last),
    sums: changes!.sums,
    counts: changes!.counts,
  };
}

/** The rows [first, last) of a range of blocks. */
export function rowsOf({ blockRows, points }: Job, from: number, to: number): [number, number] {
  return [from * blockRows, Math.min(points.rows, to * blockRows)];
}
