import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Measured, Task } from "./measure.ts";

/** Do tasks at the same time, each in a process of its own, `times` times; of each time what every process measured. */
export async function measureTogether(tasks: readonly Task[], times: number): Promise<Measured[][]> {
  const script = join(import.meta.dirname, "measure.js");
  const children = tasks.map((task) => fork(script, [JSON.stringify(task)]));
  try {
    await Promise.all(children.map(nextMessage));
    const measured: Measured[][] = [];
    for (let time = 0; time < times; time++) {
      const answers = children.map(nextMessage);
      for (const child of children) child.send("go");
      measured.push((await Promise.all(answers)) as Measured[]);
    }
    return measured;
  } finally {
    for (const child of children) child.disconnect();
  }
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const failure = once(child, "exit", { signal: ended.signal }).then(([code]) => {
    throw new Error(`a measuring process ended with ${code}`);
  });
  const [message] = (await Promise.race([once(child, "message"), failure])) as unknown[];
  failure.catch(() => {});
  ended.abort();
  return message;
}
