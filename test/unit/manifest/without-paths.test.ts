import assert from "node:assert/strict";
import test from "node:test";
import { loadConfig } from "../../../pipeline/core/load-config.ts";
import { withoutPaths } from "../../../stages/export.ts";

async function recorded(...overrides: string[]): Promise<unknown> {
  return withoutPaths(await loadConfig("configs/quickstart.yaml", overrides));
}

await test("who does the work, and where, is no part of what a manifest is made from", async () => {
  const plain = await recorded();
  assert.deepEqual(
    await recorded(
      "executor=slurm",
      "workers=7",
      "slurm.time=60",
      "cluster.passes=shards",
      "cluster.shardDocuments=1000",
    ),
    plain,
  );
  assert.notDeepEqual(await recorded("cluster.clusters=95"), plain);
});
