import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { quote } from "zx";
import { Random } from "../../../../pipeline/math/random.ts";
import {
  createExternalProxy,
  TrainerError,
} from "../../../../pipeline/proxy/external/create-external-proxy.ts";
import { commandLine } from "../../../../pipeline/proxy/external/run-command.ts";
import type { ProxyInput } from "../../../../pipeline/proxy/proxy.ts";
import { ExternalProxyConfig } from "../../../../pipeline/schema/proxy-config.ts";
import { packageRoot } from "../../../../stages/parts/tool-version.ts";
import { withTempDir } from "../../../support/temp-dir.ts";
import { domainOf, targetOf } from "../tiny-corpus.ts";

const trainer = `${quote(process.execPath)} ${quote(join(packageRoot, "dist/test/support/fake-trainer.js"))}`;
const text = (first: number) =>
  Array.from({ length: 300 }, (_, i) => (i % 50 === 0 ? 0 : 1 + ((first + i * i) % 9)));
const input: ProxyInput = {
  vocabularySize: 10,
  endOfDocument: 0,
  domains: [domainOf("even", [text(0)]), domainOf("odd", [text(1)])],
  targets: [
    targetOf("target", [
      [1, 2, 5, 1],
      [2, 2],
    ]),
  ],
  budget: { targetTokens: 256, proxyTokens: null },
  seed: new Random("external"),
};

function create(folder: string, fault: string, overrides: Partial<ExternalProxyConfig> = {}) {
  const config = ExternalProxyConfig.parse({
    kind: "external",
    command: fault === "" ? trainer : `${trainer} --fault ${fault}`,
    contextTokens: 8,
    batchSequences: 2,
    retries: 0,
    graceSeconds: 0.2,
    ...overrides,
  });
  return createExternalProxy(input, config, { folder, tokenizerFolder: null });
}

await test("a result once written is taken again, and a damaged one is not", async () =>
  withTempDir(async (folder) => {
    const first = await create(folder, "").evaluate([0.5, 0.5]);
    assert.deepEqual(first.drawnTokens, [128, 128]);
    assert.ok(first.taskScores!["made_up"]! > 0);
    // A command that cannot succeed is never run: the result is there.
    assert.deepEqual(await create(folder, "exit-3").evaluate([0.5, 0.5]), first);
    const [job] = await readdir(join(folder, "trainings"));
    await writeFile(join(folder, "trainings", job!, "result.json"), "{");
    assert.deepEqual(await create(folder, "").evaluate([0.5, 0.5]), first);
  }));

const faults: readonly [fault: string, message: RegExp, overrides?: Partial<ExternalProxyConfig>][] = [
  ["exit-3", /failed 1 time: exit code 3; the end of its log:\nout of luck/],
  ["no-result", /exit code 0 but wrote no .*result\.json/],
  ["torn", /result\.json is no JSON: it ends with/],
  ["nan", /holds NaN or Infinity: the training diverged/],
  ["wrong-hash", /answers request 000000000000 instead of/],
  ["short", /saw 255 tokens of 256/],
  ["hang", /no end after 0\.7 s/, { timeoutSeconds: 0.7 }],
];

for (const [fault, message, overrides] of faults) {
  await test(`a trainer that fails (${fault}) ends in a clear message, and the next run goes on`, async () =>
    withTempDir(async (folder) => {
      const failed = create(folder, fault, overrides).evaluate([0.25, 0.75]);
      await assert.rejects(failed, (error) => {
        assert.ok(error instanceof TrainerError);
        assert.match(error.message, message);
        assert.match(error.hint, /run the same command again/);
        return true;
      });
      const { targets } = await create(folder, "").evaluate([0.25, 0.75]);
      assert.equal(targets[0]!.documentNats.length, 2);
    }));
}

await test("a trainer that fails is started again as often as the config says", async () =>
  withTempDir(async (folder) => {
    await assert.rejects(create(folder, "exit-3", { retries: 2 }).evaluate([1, 0]), /failed 3 times/);
    const { targets } = await create(folder, "fails-once", { retries: 1 }).evaluate([0, 1]);
    assert.equal(targets.length, 1);
  }));

await test("an aborted signal stops the trainer, which saves; then it goes on to the same result", async () =>
  withTempDir(async (folder) => {
    const paced = { command: `${trainer} --pace 20` };
    const stop = new AbortController();
    const stopped = create(folder, "", { ...paced, graceSeconds: 5 }).evaluate([0.5, 0.5], stop.signal);
    let ended = false;
    void stopped.catch(() => undefined).finally(() => (ended = true));
    let job: string | undefined;
    for (let started = false; !started; await sleep(20)) {
      assert.ok(!ended, "the trainer ended before it began");
      [job] = await readdir(join(folder, "trainings")).catch(() => []);
      started = job !== undefined && existsSync(join(folder, "trainings", job, "started"));
    }
    await sleep(60);
    stop.abort(new Error("asked to stop"));
    await assert.rejects(stopped, /asked to stop/);
    const { step } = JSON.parse(await readFile(join(folder, "trainings", job!, "counts.json"), "utf8")) as {
      step: number;
    };
    assert.ok(step > 0 && step < 16, `stopped at step ${step}`);
    const resumed = await create(folder, "").evaluate([0.5, 0.5]);
    await withTempDir(async (fresh) => {
      assert.deepEqual(resumed, await create(fresh, "").evaluate([0.5, 0.5]));
    });
  }));

await test("a trainer that a killed run left behind is stopped before another is started", async () =>
  withTempDir(async (folder) => {
    const script = `
      import { createExternalProxy } from ${JSON.stringify(join(packageRoot, "dist/pipeline/proxy/external/create-external-proxy.js"))};
      import { runCommand } from ${JSON.stringify(join(packageRoot, "dist/pipeline/proxy/external/run-command.js"))};
      await runCommand(${JSON.stringify(folder)}, { command: "sleep 600 #", environment: {}, timeoutSeconds: 600, graceSeconds: 1 });`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
    let left: { pid: number } | undefined;
    while (left === undefined) {
      assert.equal(parent.exitCode, null, "the parent ended before it had started a trainer");
      await sleep(50);
      const told = await readFile(join(folder, "trainer.json"), "utf8").catch(() => "");
      if (told !== "") left = JSON.parse(told) as { pid: number };
    }
    parent.kill("SIGKILL");
    await once(parent, "close");
    assert.doesNotThrow(() => process.kill(left.pid, 0), "it outlives its parent");
    const { runCommand } = await import("../../../../pipeline/proxy/external/run-command.ts");
    const ending = await runCommand(folder, {
      command: "true #",
      environment: {},
      timeoutSeconds: 5,
      graceSeconds: 1,
    });
    assert.equal(ending.exitCode, 0);
    // Gone, or a zombie where nothing reaps orphans.
    const stat = await readFile(`/proc/${left.pid}/stat`, "utf8").catch(() => "gone) Z");
    assert.match(stat, /\) Z/);
  }));

await test("paths stand in the command where it says, or at its end, whatever characters they hold", () => {
  assert.equal(
    commandLine("train --job {request} > {out}/log", "/a b/$'c"),
    `train --job $'/a b/$\\'c/request.json' > $'/a b/$\\'c'/log`,
  );
  assert.equal(commandLine("train", "/job"), "train --request /job/request.json --out /job");
});
