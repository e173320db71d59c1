import assert from "node:assert/strict";
import test from "node:test";
import { ConfigError } from "../../../pipeline/core/errors.ts";
import { trialFlops } from "../../../pipeline/proxy/transformer/trial-flops.ts";
import { ClimbConfig } from "../../../pipeline/schema/config.ts";
import { TransformerProxyConfig } from "../../../pipeline/schema/proxy-config.ts";
import { SearchConfig } from "../../../pipeline/schema/search-config.ts";
import { checkObjective } from "../../../stages/parts/check-objective.ts";
import { costsOf } from "../../../stages/parts/trial-costs.ts";

const transformer = { kind: "transformer", width: 8, layers: 1, heads: 2, contextTokens: 4 } as const;
const rounds = [8, 4];
const byTokens = (proxy: TransformerProxyConfig) => proxy.tokens!;
const issues = (search: unknown) =>
  SearchConfig.safeParse(search).error?.issues.map(({ message }) => message);

await test("a trial's operations by hand: training, and a third of that for each token measured", () => {
  // A token: 6 (12 * 8^2 + 10 * 8) + 12 * 3 * 8 = 5376 to train, 1792 to measure: two of four queries see two keys, two see four.
  const config = TransformerProxyConfig.parse(transformer);
  assert.equal(trialFlops(config, 10, { trained: 100, measured: 30 }), 100 * 5376 + 30 * 1792);
});

await test("costs are as stated or in proportion to the operations, and fall", () => {
  const cheaper = [
    { proxy: { ...transformer, tokens: 400 } },
    { proxy: { kind: "external", command: "train" }, cost: 0.05 },
  ];
  const search = SearchConfig.parse({ rounds, proxy: { ...transformer, tokens: 1000 }, cheaper });
  assert.deepEqual(costsOf(search, byTokens), [0.4, 0.05]);
  const reversed = { ...search, cheaper: search.cheaper.toReversed() };
  assert.throws(() => costsOf(reversed, byTokens), /dearest first.* they cost 0\.0500 and 0\.400 of/);
  const alike = { ...search, cheaper: [{ proxy: search.proxy, cost: null }] };
  assert.throws(() => costsOf(alike, byTokens), /they cost 1\.00 of/);
  const many = { ...search, cheaper: [0.6, 0.5].map((cost) => ({ proxy: search.proxy, cost })) };
  assert.throws(() => costsOf(many, byTokens), /cost 0\.600 and 0\.500 .*together not less than one/);
});

await test("what can not work is refused when the config is read", () => {
  const cheaper = [{ proxy: { ...transformer, tokens: 400 } }];
  assert.equal(issues({ rounds, cheaper }), undefined);
  assert.match(issues({ rounds, cheaper, proposer: "climb" })![0]!, /should be bayes/);
  assert.match(issues({ rounds: [16], cheaper })![0]!, /at least 2, the first of at least 8/);
  assert.match(issues({ rounds: [7, 4], cheaper })![0]!, /at least 2, the first of at least 8/);
  const config = ClimbConfig.parse({
    name: "x",
    corpus: { sources: [{ name: "a", files: "a" }] },
    targets: [{ name: "t", files: "t" }],
    budget: { targetTokens: 1000 },
    search: { rounds, cheaper },
  });
  assert.throws(
    () => checkObjective(config),
    (error) => error instanceof ConfigError && error.message.startsWith("search.cheaper.0 states no cost"),
  );
});
