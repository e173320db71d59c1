/** What every executor must do, whatever it runs shards on. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DiskFullError, IncompleteError, InputError, InterruptedError } from "../../pipeline/core/errors.ts";
import type { Executor } from "../../pipeline/core/executor.ts";
import type { ProgressEvent } from "../../pipeline/core/progress.ts";
import { runShards } from "../../pipeline/core/run-shards.ts";
import { type Behaviour, entry } from "../support/shard-script.ts";
import { withTempDir } from "../support/temp-dir.ts";

/** @param killed what the executor calls the end of a shard killed by SIGKILL */
export function executorSuite(name: string, create: () => Executor, killed: RegExp): Promise<void> {
  async function run(
    dir: string,
    behaviours: Behaviour[],
    options: { signal?: AbortSignal; key?: string; retries?: number } = {},
  ) {
    const events: ProgressEvent[] = [];
    const job = {
      name: `test:${dir}`,
      stage: "test",
      entry,
      stepDir: join(dir, "work"),
      shards: behaviours.length,
    };
    const markers = await runShards(
      job,
      {
        stage: "test",
        step: "work",
        key: options.key ?? "k",
        common: { log: join(dir, "log.txt") },
        inputs: behaviours.map((behaviour, value) => ({ behaviour, value })),
      },
      {
        executor: create(),
        progress: (event) => events.push(event),
        signal: options.signal ?? new AbortController().signal,
        retries: options.retries ?? 2,
      },
    );
    const started = (await readFile(join(dir, "log.txt"), "utf8").catch(() => ""))
      .trim()
      .split("\n")
      .filter(Boolean);
    return { markers, events, started: started.map(Number).sort((a, b) => a - b), job };
  }

  return test(`executor ${name}`, async (t) => {
    await t.test("does every shard and returns the markers in shard order", () =>
      withTempDir(async (dir) => {
        const { markers, started, job } = await run(dir, ["ok", "ok", "ok", "ok", "ok"]);
        assert.deepEqual(
          markers.map((marker) => marker.result),
          [0, 1, 2, 3, 4].map((value) => ({ value })),
        );
        assert.deepEqual(started, [0, 1, 2, 3, 4]);
        const texts = await Promise.all(
          markers.map((marker) => readFile(join(job.stepDir, marker.outputs[0]!.path), "utf8")),
        );
        assert.deepEqual(texts, ["0", "1", "4", "9", "16"]);
      }),
    );

    await t.test("starts nothing again when all is done, and everything again when the key changed", () =>
      withTempDir(async (dir) => {
        await run(dir, ["ok", "ok"]);
        assert.deepEqual((await run(dir, ["ok", "ok"])).started, [0, 1]);
        assert.deepEqual((await run(dir, ["ok", "ok"], { key: "other" })).started, [0, 0, 1, 1]);
      }),
    );

    await t.test("tries a killed shard again, and only that one", () =>
      withTempDir(async (dir) => {
        const { started, events } = await run(dir, ["ok", "crash once", "ok"]);
        assert.deepEqual(started, [0, 1, 1, 2]);
        const retries = events.filter((event) => event.event === "retry");
        assert.equal(retries.length, 1);
        assert.match(retries[0]!.reason, killed);
        assert.match(retries[0]!.reason, / at the square of 1$/);
      }),
    );

    await t.test("gives up after the retries with the shard's own words", () =>
      withTempDir((dir) =>
        assert.rejects(run(dir, ["crash always"], { retries: 1 }), (error) => {
          assert(error instanceof IncompleteError, "what is done is kept, and may go on");
          assert.match(error.message, /shard of 0 fails \(as asked\)/);
          return true;
        }),
      ),
    );

    await t.test("says what a shard was at that died without a word", () =>
      withTempDir((dir) =>
        assert.rejects(run(dir, ["die always"], { retries: 0 }), (error) => {
          assert(error instanceof IncompleteError);
          assert.match(error.message, /: the square of 0 \(shard 0 of 1\) ended with /);
          assert.match(error.hint, /what is done is kept/);
          return true;
        }),
      ),
    );

    await t.test("does not repeat what a second try cannot cure", () =>
      withTempDir(async (dir) => {
        await assert.rejects(run(dir, ["bad input"]), (error) => {
          assert(error instanceof InputError);
          assert.equal(error.hint, "send another");
          return true;
        });
        await assert.rejects(run(dir, ["disk full"]), (error) => {
          assert(error instanceof DiskFullError && error instanceof IncompleteError);
          return true;
        });
        const log = await readFile(join(dir, "log.txt"), "utf8");
        assert.equal(log, "0\n0\n");
      }),
    );

    await t.test("stops within seconds when asked, and a later call finishes the rest", () =>
      withTempDir(async (dir) => {
        const stop = new AbortController();
        const running = assert.rejects(
          run(dir, ["ok", "hang once"], { signal: stop.signal }),
          InterruptedError,
        );
        const hangs = async () =>
          (await readFile(join(dir, "log.txt"), "utf8").catch(() => "")).includes("1");
        while (!(await hangs())) await sleep(50);
        const before = performance.now();
        stop.abort();
        await running;
        assert(performance.now() - before < 10_000);
        const { markers, started } = await run(dir, ["ok", "hang once"]);
        assert.equal(markers.length, 2);
        assert.equal(started.filter((shard) => shard === 1).length, 2);
      }),
    );
  });
}
