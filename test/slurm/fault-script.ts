/** A stage script for the fault suite: each shard takes its time, then writes bytes that depend on its number. */
import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InterruptedError } from "../../pipeline/core/errors.ts";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";
import { runAsScript } from "../../stages/parts/shard-main.ts";

export interface FaultInput {
  readonly value: number;
  readonly seconds: number;
  /** Bytes of output; enough to fill a small disk. */
  readonly bytes: number;
  /** Fails the first time it is tried. */
  readonly failOnce?: boolean;
}

export const entry = import.meta.filename;

/** What shard `value` should write. */
export function expected({ value, bytes }: Pick<FaultInput, "value" | "bytes">): Buffer {
  const block = createHash("sha512").update(String(value)).digest();
  return Buffer.alloc(bytes, block);
}

async function work(
  { log }: { log: string },
  input: FaultInput,
  { outDir, keepDir, signal }: ShardContext,
): Promise<unknown> {
  await appendFile(log, `start ${input.value}\n`);
  await mkdir(keepDir, { recursive: true });
  // Saves after every tenth of a second, as a training run saves every few minutes.
  const checkpoint = join(keepDir, "ticks");
  const saved = Number(await readFile(checkpoint, "utf8").catch(() => "0"));
  const ticks = Math.round(input.seconds * 10);
  for (let tick = saved; tick < ticks; tick++) {
    if (signal.aborted) throw new InterruptedError();
    await sleep(100);
    await writeFile(checkpoint, String(tick + 1)).catch(() => {});
  }
  if (input.failOnce === true && (await isFirstTime(join(keepDir, "tried")))) {
    throw new Error("fails once, as asked");
  }
  await writeFile(join(outDir, "data.bin"), expected(input));
  await appendFile(log, `end ${input.value} from ${saved}\n`);
  return { value: input.value };
}

function isFirstTime(path: string): Promise<boolean> {
  return writeFile(path, "", { flag: "wx" }).then(
    () => true,
    () => false,
  );
}

runAsScript({ name: "fault", entry, steps: { work } });
