import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { completeShard } from "../../../pipeline/core/marker.ts";
import { withLock } from "../../../pipeline/core/run-lock.ts";
import { findLeftovers } from "../../../pipeline/core/sweep.ts";
import { withTempDir } from "../../support/temp-dir.ts";

/** A working folder with one finished shard, an output without a marker, and an attempt that died. */
async function prepare(artifactsDir: string): Promise<string> {
  const stepDir = join(artifactsDir, ".work", "embed-0123456789ab", "vectors");
  await mkdir(stepDir, { recursive: true });
  await writeFile(join(stepDir, "step.json"), "{}");
  await completeShard(stepDir, 0, "k", (outDir) => writeFile(join(outDir, "data"), "whole"));
  await mkdir(join(stepDir, "out", "00000.dead"), { recursive: true });
  await writeFile(join(stepDir, "out", "00000.dead", "data"), "lost the race");
  await mkdir(join(stepDir, "tmp", "00001.dead"), { recursive: true });
  await writeFile(join(stepDir, "tmp", "00001.dead", "data"), "half");
  return stepDir;
}

await test("what a marker names stays; the rest is found with its size and reason", () =>
  withTempDir(async (dir) => {
    const stepDir = await prepare(dir);
    const lock = join(dir, ".work", "embed-0123456789ab.lock.vm-1-dead.tmp");
    await writeFile(lock, "{");
    const found = await findLeftovers(dir, 0);
    assert.deepEqual(
      found
        .toSorted((left, right) => left.bytes - right.bytes)
        .map(({ path, bytes, why }) => [path, bytes, why]),
      [
        [lock, 1, "an attempt that did not end"],
        [join(stepDir, "tmp", "00001.dead"), 4, "an attempt that did not end"],
        [join(stepDir, "out", "00000.dead"), 13, "no marker names it"],
      ],
    );
  }));

await test("young leftovers, and stages that a process works on, are left alone", () =>
  withTempDir(async (dir) => {
    await prepare(dir);
    assert.deepEqual(await findLeftovers(dir, 3_600_000), []);
    // A lock of this very process counts as nobody's, so that a run can take over its own: use the parent's.
    await writeFile(
      join(dir, ".work", "embed-0123456789ab.lock"),
      JSON.stringify({ host: hostname(), pid: process.ppid }),
    );
    assert.deepEqual(await findLeftovers(dir, 0), []);
  }));

await test("the working folder of a finished stage goes as a whole", () =>
  withTempDir(async (dir) => {
    await prepare(dir);
    await mkdir(join(dir, "embed-0123456789ab"));
    await writeFile(join(dir, "embed-0123456789ab", "artifact.json"), "{}");
    const found = await findLeftovers(dir, 0);
    assert.deepEqual(
      found.map(({ path }) => path),
      [join(dir, ".work", "embed-0123456789ab")],
    );
  }));

await test(
  "a lock of a host that shows no sign of life is taken over, one that beats is not",
  { timeout: 60_000 },
  () =>
    withTempDir(async (dir) => {
      const path = join(dir, "stage.lock");
      await writeFile(path, JSON.stringify({ host: "gone", pid: 1 }));
      const started = performance.now();
      assert.equal(await withLock(path, async () => "mine", { beatMilliseconds: 50 }), "mine");
      assert(performance.now() - started >= 300, "six beats were waited for");
      assert.deepEqual(await readdir(dir), []);

      await writeFile(path, JSON.stringify({ host: "busy", pid: 1 }));
      const heart = setInterval(() => void writeFile(path, JSON.stringify({ host: "busy", pid: 1 })), 20);
      await assert.rejects(
        withLock(path, async () => "mine", { beatMilliseconds: 50 }),
        /busy is already doing this/,
      );
      clearInterval(heart);
    }),
);
