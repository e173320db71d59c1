import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { shardKey, type StepFile, writeStep } from "../../pipeline/core/shard-step.ts";
import { expected, type FaultInput } from "./fault-script.ts";
import { type FaultPlan, stepDirOf, stepOf } from "./fault-run.ts";

/** Does all shards of a plan but a few. */
export async function completeAllBut(plan: FaultPlan, missing: ReadonlySet<number>): Promise<void> {
  const step = stepOf(plan);
  await writeStep(stepDirOf(plan), step);
  for (const shard of step.inputs.keys()) {
    if (!missing.has(shard)) await completeQuickly(stepDirOf(plan), step, shard);
  }
}

/** Leaves what a finished shard of the fault script leaves, without flushing each file as a real one does. */
export async function completeQuickly(stepDir: string, step: StepFile, shard: number): Promise<void> {
  const name = String(shard).padStart(5, "0");
  const bytes = expected(step.inputs[shard] as FaultInput);
  await mkdir(join(stepDir, "out", `${name}.prepared`), { recursive: true });
  await writeFile(join(stepDir, "out", `${name}.prepared`, "data.bin"), bytes);
  const marker = {
    key: shardKey(step, shard),
    outputs: [
      {
        path: `out/${name}.prepared/data.bin`,
        bytes: bytes.length,
        sha256: createHash("sha256").update(bytes).digest("hex"),
      },
    ],
    result: { value: shard },
  };
  await mkdir(join(stepDir, "done"), { recursive: true });
  await writeFile(join(stepDir, "done", `${name}.json`), `${JSON.stringify(marker)}\n`);
}
