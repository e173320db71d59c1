/** Trials by transformer as the search stage has them measured: in processes that may be killed, one or two at a time. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { ConfigError } from "../../pipeline/core/errors.ts";
import { LocalExecutor } from "../../pipeline/core/local-executor.ts";
import { writeNpy } from "../../pipeline/core/npy.ts";
import type { ProgressEvent } from "../../pipeline/core/progress.ts";
import { runShards } from "../../pipeline/core/run-shards.ts";
import { proxyIdentity } from "../../pipeline/proxy/create-proxy.ts";
import { TransformerProxyConfig } from "../../pipeline/schema/proxy-config.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import type { ProxySetting } from "../../stages/parts/trial-shards.ts";
import { withTempDir } from "../support/temp-dir.ts";

const endOfDocument = 20;
const documents = 60;
const documentTokens = 41;
const mixtures = [
  [1, 0],
  [0.5, 0.5],
  [0.2, 0.8],
];
const config = TransformerProxyConfig.parse({
  kind: "transformer",
  width: 16,
  layers: 1,
  heads: 2,
  contextTokens: 20,
  batchSequences: 4,
});

/** Two domains that count up by one and by three, and a target that counts by one. */
async function writeSetting(dir: string, proxy = config): Promise<ProxySetting> {
  const path = (name: string) => join(dir, name);
  const write = async (name: string, step: number) => {
    const tokens = Uint16Array.from({ length: documents * documentTokens }, (_, at) =>
      at % documentTokens === 0 ? endOfDocument : (at * step) % 20,
    );
    const ends = Uint32Array.from({ length: documents }, (_, document) => (document + 1) * documentTokens);
    await writeNpy(path(`${name}.npy`), tokens, [tokens.length]);
    await writeNpy(path(`${name}-ends.npy`), ends, [documents]);
    return {
      id: name,
      runTokens: tokens.length,
      tokens: path(`${name}.npy`),
      documentEnds: path(`${name}-ends.npy`),
    };
  };
  const domains = [await write("ones", 1), await write("threes", 3)];
  const one = (
    name: string,
    value: number,
    type: typeof Uint32Array | typeof Int32Array | typeof Uint8Array,
  ) => writeNpy(path(name), type.of(value), [1]);
  await writeNpy(
    path("target.npy"),
    Uint16Array.from({ length: 30 }, (_, t) => t % 20),
    [30],
  );
  await one("row-tokens.npy", 30, Uint32Array);
  await one("row-bytes.npy", 30, Uint32Array);
  await one("row-target.npy", 0, Int32Array);
  await one("row-side.npy", 0, Uint8Array);
  await one("row-group.npy", 0, Uint32Array);
  return {
    vocabularySize: 21,
    tokenizerFolder: null,
    endOfDocument,
    domains,
    targets: {
      files: [{ path: path("target.npy"), rows: 1 }],
      rowTokens: path("row-tokens.npy"),
      rowBytes: path("row-bytes.npy"),
      rowTarget: path("row-target.npy"),
      rowSide: path("row-side.npy"),
      rowGroup: path("row-group.npy"),
      names: ["ones"],
    },
    proxy,
    budget: { targetTokens: 4000, proxyTokens: 4000 },
    seed: "trials",
    side: "select",
  };
}

/** Every trial as the shards wrote it, in a step folder of its own. */
async function measure(stepDir: string, proxy: ProxySetting, workers: number, kill = false) {
  const setting = {
    data: {},
    tokenizer: "test",
    budget: proxy.budget,
    proxy: proxyIdentity(proxy.proxy),
    objective: [{ name: "ones", weight: 1 }],
    seed: proxy.seed,
    side: proxy.side,
  };
  const events: ProgressEvent[] = [];
  const timer =
    kill && setInterval(() => killShardOf(stepDir) && clearInterval(timer as NodeJS.Timeout), 300);
  const markers = await runShards(
    {
      name: stepDir,
      stage: "search",
      entry: join(packageRoot, "dist", "stages", "search.js"),
      stepDir,
      shards: mixtures.length,
    },
    {
      stage: "search",
      step: "trials",
      key: "k",
      common: { proxy, setting },
      inputs: mixtures.map((weights) => [weights]),
    },
    {
      executor: new LocalExecutor(workers),
      progress: (event) => events.push(event),
      signal: new AbortController().signal,
    },
  ).finally(() => clearInterval(timer as NodeJS.Timeout));
  const trials = await Promise.all(
    markers.map(({ outputs }) => readFile(join(stepDir, outputs[0]!.path), "utf8")),
  );
  return { trials, events };
}

/** SIGKILL to one process that works in this folder; true once there was one. */
function killShardOf(stepDir: string): boolean {
  try {
    const [pid = ""] = execFileSync("pgrep", ["-f", "--", `--step ${stepDir}`], { encoding: "utf8" }).split(
      "\n",
    );
    process.kill(Number(pid), "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

await test("one worker, and two of which one is killed, write the same bytes", () =>
  withTempDir(async (dir) => {
    const setting = await writeSetting(dir);
    const calm = await measure(join(dir, "calm"), setting, 1);
    const stormy = await measure(join(dir, "stormy"), setting, 2, true);
    assert.deepEqual(stormy.trials, calm.trials);
    const retried = stormy.events.filter(({ event }) => event === "retry");
    assert.equal(retried.length, 1, "a crash costs one trial, which is done again");
    const losses = calm.trials.map(
      (text) => (JSON.parse(text) as { objectiveBitsPerByte: number }[])[0]!.objectiveBitsPerByte,
    );
    assert.ok(losses[0]! < losses[1]! && losses[1]! < losses[2]!, losses.join(" "));
  }));

await test("a loss that is no number ends the search at once, with what to do", () =>
  withTempDir(async (dir) => {
    const setting = await writeSetting(dir, { ...config, learningRate: 1e30, warmupShare: 0 });
    await assert.rejects(measure(join(dir, "work"), setting, 2), (error) => {
      assert.ok(error instanceof ConfigError, String(error));
      assert.match(error.message, /the proxy's loss is \S+ and its gradient's norm \S+ at step \d+ of 50/);
      assert.match(error.hint, /lower the proxy's learningRate/);
      return true;
    });
  }));
