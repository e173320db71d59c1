import assert from "node:assert/strict";
import test from "node:test";
import { TransformerProxyConfig } from "../../../pipeline/schema/proxy-config.ts";
import { SearchConfig } from "../../../pipeline/schema/search-config.ts";
import {
  proxySetting,
  type SearchInputs,
  type SearchStageConfig,
  withWarmStarts,
} from "../../../stages/parts/measure-mixtures.ts";
import type { ProxySetting } from "../../../stages/parts/trial-shards.ts";

const artifact = (result: unknown) => ({ result, path: (file: string) => `/${file}` });
const inputs = {
  corpus: artifact({ vocabularySize: 50257, shards: [] }),
  targets: artifact({ shards: [] }),
  holdout: artifact({}),
  domains: artifact({ domains: [{ id: "domain_0" }] }),
  tokens: artifact({
    vocabularySize: 1024,
    endOfDocument: 0,
    domains: [{ id: "domain_0", runTokens: 10, file: "domain_0.npy", ends: "domain_0-ends.npy" }],
    targets: [],
  }),
} as unknown as SearchInputs;

function configOf(search: unknown): SearchStageConfig {
  return {
    search: SearchConfig.parse(search),
    budget: { targetTokens: 1000, proxyTokens: null, maxEpochs: 1 },
    targets: [],
    tokenizer: "gpt2",
    seed: 1,
  } as unknown as SearchStageConfig;
}

function vocabularies(search: unknown): [search: number, confirm: number] {
  const config = configOf(search);
  const parsed = config.search;
  const judge = proxySetting(config, inputs, parsed.confirmProxy ?? parsed.proxy);
  return [proxySetting(config, inputs).vocabularySize, judge.vocabularySize];
}

await test("n-grams that search for a trained judge keep the run's tokens; all others read the proxies'", () => {
  const transformer = { kind: "transformer" };
  assert.deepEqual(vocabularies({}), [1024, 1024]);
  assert.deepEqual(vocabularies({ confirmProxy: transformer }), [50257, 1024]);
  assert.deepEqual(vocabularies({ proxy: transformer }), [1024, 1024]);
  assert.deepEqual(vocabularies({ proxy: transformer, confirmProxy: { kind: "ngram" } }), [1024, 1024]);
});

await test("a trained proxy's own tokens are its budget, the run's otherwise", () => {
  const whole = configOf({ confirmProxy: { kind: "transformer", tokens: 200 } });
  const config = { ...whole, budget: { ...whole.budget, proxyTokens: 500 } };
  const parsed = config.search;
  assert.deepEqual(proxySetting(config, inputs).budget, { targetTokens: 1000, proxyTokens: 500 });
  assert.deepEqual(proxySetting(config, inputs, parsed.confirmProxy!).budget, {
    targetTokens: 1000,
    proxyTokens: 200,
  });
});

const startingFrom = (warmStartTokens: number | null) =>
  proxySetting(configOf({}), inputs, TransformerProxyConfig.parse({ kind: "transformer", warmStartTokens }));

await test("models that proxies start from are trained in one step, and each setting gets its own", async () => {
  const settings = [startingFrom(500), startingFrom(null), startingFrom(300)];
  const asked: unknown[] = [];
  const started = await withWarmStarts(settings, "warmStart", {
    shards: (step, _common, jobs) => {
      asked.push(step, ...jobs.map((job) => (job as ProxySetting).budget));
      return Promise.resolve(
        jobs.map((_, shard) => ({ files: new Map([["theta.npy", `/${shard}.npy`]]), result: null })),
      );
    },
  });
  assert.deepEqual(asked, [
    "warmStart",
    { targetTokens: 500, proxyTokens: 500 },
    { targetTokens: 300, proxyTokens: 300 },
  ]);
  assert.deepEqual(
    started.map(({ warmStart, budget }) => [warmStart, budget.proxyTokens]),
    [
      ["/0.npy", 1000],
      [undefined, 1000],
      ["/1.npy", 1000],
    ],
  );
});
