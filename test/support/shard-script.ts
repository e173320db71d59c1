/** A stage script for tests: its one step does what the shard's input says. */
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../../pipeline/core/errors.ts";
import type { ShardContext } from "../../pipeline/core/shard-step.ts";
import { runAsScript } from "../../stages/parts/shard-main.ts";

export type Behaviour =
  | "ok"
  | "crash once"
  | "crash always"
  | "die always"
  | "hang once"
  | "bad input"
  | "disk full";

export const entry = import.meta.filename;

async function work(
  { log }: { log: string },
  { behaviour, value }: { behaviour: Behaviour; value: number },
  { outDir, signal, doing }: ShardContext,
): Promise<unknown> {
  await appendFile(log, `${value}\n`);
  await writeFile(join(outDir, "square.txt"), String(value * value));
  await doing(`the square of ${value}`);
  switch (behaviour) {
    case "die always":
      process.kill(process.pid, "SIGKILL");
      break;
    case "crash once":
      if (await isFirst(`${log}.${value}`)) process.kill(process.pid, "SIGKILL");
      break;
    case "hang once":
      if (await isFirst(`${log}.${value}`)) await sleep(60_000, undefined, { signal });
      break;
    case "crash always":
      throw new Error(`shard of ${value} fails (as asked)`);
    case "bad input":
      throw new InputError("file.jsonl is not what it should be", "send another");
    case "disk full":
      throw Object.assign(new Error("write failed"), { code: "ENOSPC" });
    case "ok":
  }
  return { value };
}

/** True the first time it is asked for this path, also across processes. */
async function isFirst(path: string): Promise<boolean> {
  return writeFile(path, "", { flag: "wx" }).then(
    () => true,
    () => false,
  );
}

export const steps = { work };

runAsScript({ name: "test", entry, steps });
