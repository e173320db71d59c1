import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { shardKey, writeStep } from "../../pipeline/core/shard-step.ts";
import { expected, type FaultInput } from "./fault-script.ts";
import { type FaultPlan, stepDirOf, stepOf } from "./fault-run.ts";

/** Does all shards of a plan but a few, without flushing each file as a real shard does. */
export async function completeAllBut(plan: FaultPlan, missing: ReadonlySet<number>): Promise<void> {
  const step = stepOf(plan);
  const stepDir = stepDirOf(plan);
  await writeStep(stepDir, step);
  await mkdir(join(stepDir, "done"), { recursive: true });
  for (const [shard, input] of step.inputs.entries()) {
    if (missing.has(shard)) continue;
    const name = String(shard).padStart(5, "0");
    const bytes = expected(input as FaultInput);
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
    await writeFile(join(stepDir, "done", `${name}.json`), `${JSON.stringify(marker)}\n`);
  }
}
