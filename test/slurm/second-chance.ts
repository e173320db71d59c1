import type { TestContext } from "node:test";
import type { Cluster } from "./cluster.ts";
import { stopRuns } from "./fault-run.ts";

/** Cases wait for a real scheduler, on a machine that may be busy: a failure has to show twice, on a cluster made anew. */
export async function withSecondChance(
  t: TestContext,
  cluster: Cluster,
  body: () => Promise<void>,
): Promise<void> {
  try {
    await body();
  } catch (error) {
    t.diagnostic(`it failed once: ${String(error)}`);
    await stopRuns();
    await cluster.restart();
    await body();
  }
}
