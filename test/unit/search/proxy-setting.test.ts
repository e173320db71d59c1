import assert from "node:assert/strict";
import test from "node:test";
import { SearchConfig } from "../../../pipeline/schema/search-config.ts";
import {
  proxySetting,
  type SearchInputs,
  type SearchStageConfig,
} from "../../../stages/parts/measure-mixtures.ts";

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

function vocabularies(search: unknown): [search: number, confirm: number] {
  const parsed = SearchConfig.parse(search);
  const config = {
    search: parsed,
    budget: { targetTokens: 1000, proxyTokens: null, maxEpochs: 1 },
    targets: [],
    tokenizer: "gpt2",
    seed: 1,
  } as unknown as SearchStageConfig;
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
  const parsed = SearchConfig.parse({ confirmProxy: { kind: "transformer", tokens: 200 } });
  const config = {
    search: parsed,
    budget: { targetTokens: 1000, proxyTokens: 500, maxEpochs: 1 },
    targets: [],
    tokenizer: "gpt2",
    seed: 1,
  } as unknown as SearchStageConfig;
  assert.deepEqual(proxySetting(config, inputs).budget, { targetTokens: 1000, proxyTokens: 500 });
  assert.deepEqual(proxySetting(config, inputs, parsed.confirmProxy!).budget, {
    targetTokens: 1000,
    proxyTokens: 200,
  });
});
