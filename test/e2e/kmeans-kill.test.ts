/** kill -9 in the middle of a k-means over files: it goes on from its last iteration, to the same bytes. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { writeNpy } from "../../pipeline/core/npy.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { blobs } from "../unit/cluster/sample-points.ts";

const script = join(import.meta.dirname, "..", "support", "kmeans-script.js");

/** Runs it, killed as soon as it has said `lines` lines; returns what it said. */
async function run(
  workers: number,
  checkpointDir: string,
  shards: string[],
  lines = Infinity,
): Promise<string[]> {
  const child = spawn(process.execPath, [script, String(workers), checkpointDir, ...shards], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    said.push(line);
    if (said.length === lines) child.kill("SIGKILL");
  });
  await once(child, "close");
  return said;
}

await test("killed after iterations of the sample and of all points, it never starts over", () =>
  withTempDir(async (dir) => {
    // Enough for worker threads in both fits.
    const { data, rows, dim } = blobs(14_000, 112, 400, 8);
    const shards = [join(dir, "a.npy"), join(dir, "b.npy")];
    await writeNpy(shards[0]!, data.slice(0, 5000 * dim), [5000, dim]);
    await writeNpy(shards[1]!, data.slice(5000 * dim), [rows - 5000, dim]);
    const undisturbed = await run(1, join(dir, "calm"), shards);
    const expected = undisturbed.at(-1)!;
    assert.match(expected, /^[0-9a-f]{64}$/);

    const heard: string[] = [];
    let said: string[] = [];
    for (let kill = 0; kill < 20 && said.at(-1) !== expected; kill++) {
      said = await run(2, join(dir, "stormy"), shards, 4);
      if (kill > 0) assert.notEqual(said[0], "sample 0");
      heard.push(...said);
    }
    assert.equal(said.at(-1), expected);
    // Four iterations a life, of which the last is done again, and with it maybe the sample's last ones.
    assert.ok(heard.length < 3 * undisturbed.length, heard.join(", "));
  }));
