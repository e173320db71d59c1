/** Trials by transformer, measured by shards as the search stage has it done. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalExecutor } from "../../pipeline/core/local-executor.ts";
import { writeNpy } from "../../pipeline/core/npy.ts";
import type { ProgressEvent } from "../../pipeline/core/progress.ts";
import { runShards } from "../../pipeline/core/run-shards.ts";
import { proxyIdentity } from "../../pipeline/proxy/create-proxy.ts";
import { type ProxyConfig, TransformerProxyConfig } from "../../pipeline/schema/proxy-config.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import type { ProxySetting } from "../../stages/parts/trial-shards.ts";

const endOfDocument = 20;
const documents = 60;
const documentTokens = 41;
export const mixtures = [
  [1, 0],
  [0.5, 0.5],
  [0.2, 0.8],
];
export const config = TransformerProxyConfig.parse({
  kind: "transformer",
  width: 16,
  layers: 1,
  heads: 2,
  contextTokens: 20,
  batchSequences: 4,
});

/** Two domains that count up by one and by three, and a target that counts by one. */
export async function writeSetting(dir: string, proxy: ProxyConfig = config): Promise<ProxySetting> {
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
      measures: ["bits-per-byte"],
    },
    proxy,
    budget: { targetTokens: 4000, proxyTokens: 4000 },
    seed: "trials",
    side: "select",
  };
}

/** Every trial as the shards wrote it, in a step folder of its own. */
export async function measure(stepDir: string, proxy: ProxySetting, workers: number) {
  const setting = {
    data: {},
    tokenizer: "test",
    budget: proxy.budget,
    proxy: proxyIdentity(proxy.proxy),
    objective: [{ name: "ones", weight: 1, measure: "bits-per-byte" as const }],
    seed: proxy.seed,
    side: proxy.side,
  };
  const events: ProgressEvent[] = [];
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
  );
  const trials = await Promise.all(
    markers.map(({ outputs }) => readFile(join(stepDir, outputs[0]!.path), "utf8")),
  );
  return { trials, events };
}
