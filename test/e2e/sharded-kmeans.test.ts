/** k-means whose passes are shards, and are killed, gives the bytes of one in threads. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { withTempDir } from "../support/temp-dir.ts";
import { prepareTinyRun, runClimb, snapshot, startClimb } from "../support/tiny-run.ts";

const settings = ["cluster.precision=int8", "cluster.samplePointsPerCluster=10", "cluster.fullIterations=1"];
// Three blocks: two shards.
const sharded = ["cluster.passes=shards", "cluster.shardDocuments=130"];

await test("passes by shards, also after a kill, leave the bytes of threads", () =>
  withTempDir(async (dir) => {
    await prepareTinyRun(dir);
    const whole = await runClimb(dir, "cluster", "tiny.yaml", ...settings);
    assert.equal(whole.code, 0, whole.stderr);
    const artifacts = join(dir, "data", "artifacts");
    const name = (await readdir(artifacts)).find((entry) => entry.startsWith("cluster-"))!;
    const expected = await clusterFiles(dir, name);
    assert.equal(Object.keys(expected).length, 5);
    await rm(join(artifacts, name), { recursive: true });

    const child = startClimb(dir, ["cluster", "tiny.yaml", ...settings, ...sharded]);
    child.stdout!.resume();
    child.stderr!.resume();
    const ended = once(child, "close");
    // In the middle of a pass over all documents.
    while (child.exitCode === null && !(await hasShards(artifacts))) await sleep(20);
    child.kill("SIGKILL");
    await ended;
    const again = await runClimb(dir, "cluster", "tiny.yaml", ...settings, ...sharded);
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(await clusterFiles(dir, name), expected);
  }));

async function hasShards(artifacts: string): Promise<boolean> {
  const names = await readdir(join(artifacts, ".work"), { recursive: true }).catch(() => []);
  return names.some((name) => name.startsWith("cluster-") && name.includes(join("pass", "out")));
}

async function clusterFiles(dir: string, artifact: string): Promise<Record<string, string>> {
  const all = await snapshot(dir);
  return Object.fromEntries(Object.entries(all).filter(([name]) => name.includes(artifact)));
}
