/** Trials by transformer as the search stage has them measured: in processes that may be killed, one or two at a time. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError } from "../../pipeline/core/errors.ts";
import { exitCode, exitCodeOf } from "../../pipeline/core/exit-codes.ts";
import { ExternalProxyConfig } from "../../pipeline/schema/proxy-config.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { config, measure, writeSetting } from "../support/transformer-trials.ts";

/** Waits until a shard in this folder says that it trains; its number. */
async function trainingShard(stepDir: string): Promise<number> {
  for (;;) {
    for (const name of await readdir(join(stepDir, "doing")).catch(() => [])) {
      const text = await readFile(join(stepDir, "doing", name), "utf8").catch(() => "");
      if (/^\d+\.json$/.test(name) && text.includes("trial")) return Number.parseInt(name);
    }
    await sleep(5);
  }
}

function processOf(stepDir: string, shard: number): number {
  const pattern = `--step ${stepDir} --shard ${shard}/`;
  return Number(execFileSync("pgrep", ["-f", "--", pattern], { encoding: "utf8" }).split("\n")[0]);
}

await test("one worker, two of which one is killed, and two whose parent is killed write the same bytes", () =>
  withTempDir(async (dir) => {
    const setting = await writeSetting(dir);
    const calm = await measure(join(dir, "calm"), setting, 1);
    const losses = calm.trials.map((text) => (JSON.parse(text) as { objective: number }[])[0]!.objective);
    assert.ok(losses[0]! < losses[1]! && losses[1]! < losses[2]!, losses.join(" "));

    const stormyDir = join(dir, "stormy");
    const measured = measure(stormyDir, setting, 2);
    process.kill(processOf(stormyDir, await trainingShard(stormyDir)), "SIGKILL");
    const stormy = await measured;
    assert.deepEqual(stormy.trials, calm.trials);
    const retried = stormy.events.flatMap((event) => (event.event === "retry" ? [event.reason] : []));
    assert.equal(retried.length, 1, "a crash costs one trial, which is done again");
    assert.match(retried[0]!, /^killed by SIGKILL at trial [0-9a-f]{12} \((ones|threes) \d\.\d{3}.*\)$/);

    // As kill.test.ts does to whole runs of n-grams: the coordinator dies, and its shards with it.
    const orphaned = join(dir, "orphaned");
    const support = new URL("../support/transformer-trials.js", import.meta.url).href;
    const program = `const { measure } = await import(${JSON.stringify(support)});
      await measure(${JSON.stringify(orphaned)}, ${JSON.stringify(setting)}, 2);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "ignore" });
    await trainingShard(orphaned);
    parent.kill("SIGKILL");
    await once(parent, "close");
    const resumed = await measure(orphaned, setting, 2);
    assert.deepEqual(resumed.trials, calm.trials);
  }));

await test("a loss that is no number ends the search at once, with what to do", () =>
  withTempDir(async (dir) => {
    const setting = await writeSetting(dir, { ...config, learningRate: 1e30, warmupShare: 0 });
    await assert.rejects(measure(join(dir, "work"), setting, 2), (error) => {
      assert.ok(error instanceof ConfigError, String(error));
      assert.match(
        error.message,
        /^trial [0-9a-f]{12} \(.+\): the proxy's loss is \S+ and its gradient's norm \S+ at step \d+ of 50/,
      );
      assert.match(error.hint, /lower the proxy's learningRate/);
      return true;
    });
  }));

await test("a trainer that keeps failing ends the run with 4, the name of the mixture and the trainer's words", () =>
  withTempDir(async (dir) => {
    const command = "echo out of luck >&2; exit 3 #";
    const proxy = ExternalProxyConfig.parse({
      kind: "external",
      command,
      contextTokens: 20,
      batchSequences: 4,
    });
    const setting = await writeSetting(dir, proxy);
    await assert.rejects(measure(join(dir, "work"), setting, 2), (error) => {
      assert.equal(exitCodeOf(error), exitCode.incomplete);
      assert.match(
        String(error),
        /trial [0-9a-f]{12} \(.+\): the trainer failed 1 time: exit code 3; the end of its log:\nout of luck/,
      );
      return true;
    });
  }));
