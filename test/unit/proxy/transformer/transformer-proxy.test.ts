import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import test from "node:test";
import { ConfigError } from "../../../../pipeline/core/errors.ts";
import { Random } from "../../../../pipeline/math/random.ts";
import type { ProxyInput } from "../../../../pipeline/proxy/proxy.ts";
import { loadCheckpoint } from "../../../../pipeline/proxy/transformer/checkpoint.ts";
import {
  createTransformerProxy,
  trainWarmStart,
} from "../../../../pipeline/proxy/transformer/create-transformer-proxy.ts";
import {
  onnxruntimeVersion,
  transformerIdentity,
} from "../../../../pipeline/proxy/transformer/transformer-identity.ts";
import { TransformerProxyConfig } from "../../../../pipeline/schema/proxy-config.ts";
import { withTempDir } from "../../../support/temp-dir.ts";
import { domainOf, targetOf } from "../tiny-corpus.ts";

const endOfDocument = 10;
/** Digits that go up by one or by two. */
const counting = (step: number) =>
  Array.from({ length: 40 }, (_, document) => [
    endOfDocument,
    ...Array.from({ length: 30 }, (_, t) => (document + step * t) % 10),
  ]);
const input: ProxyInput = {
  vocabularySize: 11,
  endOfDocument,
  domains: [domainOf("ones", counting(1)), domainOf("twos", counting(2))],
  targets: [targetOf("ones", [counting(1)[3]!.slice(1)]), targetOf("twos", [counting(2)[3]!.slice(1)])],
  budget: { targetTokens: 4000, proxyTokens: null },
  seed: new Random("proxy"),
};
const config = TransformerProxyConfig.parse({
  kind: "transformer",
  width: 16,
  layers: 1,
  heads: 2,
  contextTokens: 10,
  batchSequences: 4,
  learningRate: 0.02,
});

await test("a loss curve is kept, seeds vary the outcome, and a run killed half-way goes on to the same bits", () =>
  withTempDir(async (dir) => {
    const whole = await createTransformerProxy(input, config).evaluate([0.5, 0.5]);
    assert.equal(whole.trainingNats?.length, 20);
    assert.ok(whole.trainingNats[0]! > 2 && whole.trainingNats.at(-1)! < 1.2, whole.trainingNats.join(" "));
    const other = createTransformerProxy({ ...input, seed: new Random("other") }, config);
    assert.notDeepEqual((await other.evaluate([0.5, 0.5])).targets, whole.targets);

    const folder = join(dir, "training");
    const stop = new AbortController();
    const interrupted = createTransformerProxy(input, config).evaluate([0.5, 0.5], stop.signal, folder);
    setTimeout(() => stop.abort(new Error("stopped")), 30);
    await assert.rejects(interrupted, /stopped/);
    const resumed = await createTransformerProxy(input, config).evaluate([0.5, 0.5], undefined, folder);
    assert.deepEqual(resumed, whole);
    assert.equal(await loadCheckpoint(folder, "any"), undefined, "nothing is left");
  }));

await test("a warm start knows what both domains have in common from the first step on", async () => {
  const theta = await trainWarmStart(
    { ...input, budget: { targetTokens: 30_000, proxyTokens: null } },
    config,
  );
  const short = { ...input, budget: { targetTokens: 4000, proxyTokens: 120 } };
  const weights = [0.5, 0.5];
  const warm = await createTransformerProxy(short, config, theta).evaluate(weights);
  const cold = await createTransformerProxy(short, config).evaluate(weights);
  const nats = (result: typeof warm) => result.targets[0]!.documentNats[0]!;
  assert.ok(nats(warm) < 0.8 * nats(cold), `${nats(warm)} and ${nats(cold)}`);
  assert.deepEqual(await createTransformerProxy(short, config, theta).evaluate(weights), warm);
});

await test("the identity follows whatever decides the numbers, and the library's version", () => {
  assert.notEqual(transformerIdentity({ ...config, beta2: 0.99 }), transformerIdentity(config));
  assert.equal(
    transformerIdentity({ ...config, tokens: 5 }),
    transformerIdentity(config),
    "tokens are the budget's",
  );
  const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string };
  assert.equal(onnxruntimeVersion, version);
});

await test("text without ends of documents is refused with the remedy", () => {
  const { endOfDocument: _, ...without } = input;
  assert.throws(
    () => createTransformerProxy(without, config),
    (error) => error instanceof ConfigError && error.hint.includes("proxyTokenizer"),
  );
});
