/** kill -9 at random moments: what is done is kept, and the end is the same bytes. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../pipeline/math/random.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { prepareTinyRun, runClimb, snapshot, startClimb } from "../support/tiny-run.ts";

const kills = 20;
/** Trials by two proxies. */
const cheaper = "search.cheaper=[{ proxy: { kind: ngram, order: 1 }, cost: 0.2 }]";

await test(`${kills} kills at random moments end in the bytes of an undisturbed run`, (t) =>
  withTempDir((calm) =>
    withTempDir(async (stormy) => {
      await prepareTinyRun(calm);
      await prepareTinyRun(stormy);
      const started = performance.now();
      const undisturbed = await runClimb(calm, "run", "tiny.yaml", cheaper);
      assert.equal(undisturbed.code, 0, undisturbed.stderr);
      const runMilliseconds = performance.now() - started;
      const expected = await snapshot(calm);

      const seed = process.env["KILL_SEED"] ?? String(Date.now());
      t.diagnostic(`KILL_SEED=${seed}`);
      const random = new Random(seed);
      for (let kill = 0; kill < kills; kill++) {
        const child = startClimb(stormy, ["run", "tiny.yaml", cheaper]);
        child.stdout!.resume();
        child.stderr!.resume();
        const ended = once(child, "close").then(() => true);
        const finished = await Promise.race([
          ended,
          sleep(random.uniform() * runMilliseconds * 0.3).then(() => false),
        ]);
        if (finished) {
          // It got to the end before the kill: check, and start from nothing so that all moments are hit.
          assert.deepEqual(await snapshot(stormy), expected);
          await rm(join(stormy, "data"), { recursive: true });
          kill--;
          continue;
        }
        // A shard's own process, now and then; else the coordinator, whose shards must notice.
        const victim = kill % 4 === 3 ? (children(child)[0] ?? child.pid!) : child.pid!;
        killHard(victim);
        if (victim !== child.pid) {
          await sleep(200);
          killHard(child.pid!);
        }
        await ended;
      }
      const last = await runClimb(stormy, "run", "tiny.yaml", cheaper);
      assert.equal(last.code, 0, last.stderr);
      assert.deepEqual(await snapshot(stormy), expected);
    }),
  ));

function children({ pid }: ChildProcess): number[] {
  try {
    return execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map(Number);
  } catch {
    return [];
  }
}

function killHard(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself a moment before.
  }
}
