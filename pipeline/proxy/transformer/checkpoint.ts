/**
 * Where an interrupted training goes on. `checkpoint.json` names the state file that belongs to it and is replaced last,
 * so that whatever kills the process, one whole checkpoint is found: the new one or the one before.
 */
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { readNpy, writeNpy } from "../../core/npy.ts";
import { stateParts, type TrainingState } from "./adamw.ts";

export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  /** Nats per token of each of them. */
  readonly losses: readonly number[];
  readonly state: TrainingState;
}

const CheckpointFile = z.strictObject({
  /** Which training it belongs to. */
  key: z.string(),
  step: z.int(),
  losses: z.array(z.number()),
  /** float32 [3, parameters]: parameters, first and second moments. */
  state: z.string(),
});

/** The folder's checkpoint; undefined if there is none, or it is of another training. */
export async function loadCheckpoint(folder: string, key: string): Promise<Checkpoint | undefined> {
  const file = await readCheckpointFile(folder);
  if (file?.key !== key) return undefined;
  const { data } = await readNpy(join(folder, file.state));
  const count = data.length / stateParts.length;
  const part = (index: number) => (data as Float32Array).subarray(index * count, (index + 1) * count);
  return { step: file.step, losses: file.losses, state: { theta: part(0), m: part(1), v: part(2) } };
}

/** Replace the folder's checkpoint. */
export async function saveCheckpoint(
  folder: string,
  key: string,
  { step, losses, state }: Checkpoint,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const before = await readCheckpointFile(folder);
  // Never the file that the checkpoint in place still needs.
  const name = before?.state === "state-0.npy" ? "state-1.npy" : "state-0.npy";
  const count = state.theta.length;
  const all = new Float32Array(stateParts.length * count);
  stateParts.forEach((part, index) => all.set(state[part], index * count));
  await writeNpy(join(folder, name), all, [stateParts.length, count]);
  const file: z.infer<typeof CheckpointFile> = { key, step, losses: [...losses], state: name };
  await writeFileAtomic(join(folder, "checkpoint.json"), JSON.stringify(file));
}

/** Remove a checkpoint that is no longer needed. */
export async function clearCheckpoint(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function readCheckpointFile(folder: string): Promise<z.infer<typeof CheckpointFile> | undefined> {
  try {
    return CheckpointFile.parse(JSON.parse(await readFile(join(folder, "checkpoint.json"), "utf8")));
  } catch {
    return undefined;
  }
}
