/**
 * Where a k-means stands, on disk, so that a killed one goes on from its last iteration to the same bytes.
 * Arrays go to two sets of files in turn; state.json names the set that is whole, with its hashes, and is
 * replaced last, so that a whole set is there at any moment. Nothing is flushed: what a power cut tears is
 * found by its hash, and the run starts over.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readNpy, writeNpy } from "../core/npy.ts";
import type { Job } from "./job.ts";

const State = z.strictObject({
  /** What was being fitted: first a sample, or all points. */
  phase: z.enum(["sample", "all"]),
  /** Of a sample that was fitted before. */
  sampleConverged: z.boolean().exactOptional(),
  rows: z.int(),
  clusters: z.int(),
  dim: z.int(),
  updates: z.int(),
  exact: z.boolean(),
  iterations: z.array(
    z.strictObject({
      updates: z.int(),
      inertia: z.number(),
      moved: z.int(),
      emptyClusters: z.int(),
      imbalance: z.number(),
      agreement: z.number().exactOptional(),
      measured: z.number().exactOptional(),
    }),
  ),
  hashes: z.strictObject({ centroids: z.string(), assignments: z.string() }),
});
type State = z.infer<typeof State>;

/** A fit's state after an update of the centroids. */
export type CheckpointState = Omit<State, "rows" | "clusters" | "dim" | "hashes">;

export interface Checkpoint extends State {
  readonly centroids: Float32Array;
  readonly assignments: Uint32Array;
}

/** The last checkpoint in the folder, or undefined: none, torn, or written by another version. */
export async function readCheckpoint(directory: string): Promise<Checkpoint | undefined> {
  try {
    const state = State.parse(JSON.parse(await readFile(join(directory, "state.json"), "utf8")));
    const { data: centroids } = await readNpy(arrayPath(directory, "centroids", state));
    const { data: assignments } = await readNpy(arrayPath(directory, "assignments", state));
    if (!(centroids instanceof Float32Array) || !(assignments instanceof Uint32Array)) return undefined;
    if (hashOf(centroids) !== state.hashes.centroids) return undefined;
    if (hashOf(assignments) !== state.hashes.assignments) return undefined;
    return { ...state, centroids, assignments };
  } catch {
    return undefined;
  }
}

/** Whether it is of a fit of as many rows to as many centroids. */
export function fitsJob({ rows, dim, clusters }: Checkpoint, job: Job): boolean {
  return rows === job.points.rows && dim === job.points.dim && clusters === job.clusters;
}

/** Keep the job's centroids and assignments, and this state with them. */
export async function writeCheckpoint(
  directory: string,
  { points: { rows, dim }, clusters, centroids, assignments }: Job,
  state: CheckpointState,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const unflushed = { flush: false };
  await writeNpy(arrayPath(directory, "centroids", state), centroids, [clusters, dim], unflushed);
  await writeNpy(arrayPath(directory, "assignments", state), assignments, [rows], unflushed);
  const hashes = { centroids: hashOf(centroids), assignments: hashOf(assignments) };
  const whole: State = { ...state, rows, clusters, dim, hashes };
  const path = join(directory, "state.json");
  await writeFile(`${path}.tmp`, JSON.stringify(whole));
  await rename(`${path}.tmp`, path);
}

function arrayPath(directory: string, name: string, { phase, updates }: CheckpointState): string {
  return join(directory, `${phase}-${name}-${updates % 2}.npy`);
}

function hashOf({ buffer, byteOffset, byteLength }: Float32Array | Uint32Array): string {
  return createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");
}
