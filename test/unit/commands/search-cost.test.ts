import assert from "node:assert/strict";
import test from "node:test";
import { loadConfig } from "../../../pipeline/core/load-config.ts";
import { searchCost, trainingsOf } from "../../../stages/commands/search-cost.ts";

await test("what overnight.yaml trains, by hand", async () => {
  const config = await loadConfig("configs/overnight.yaml");
  // 48 trials in rounds, 50 random ones, 4 for the answer, 4 measured again under two seeds; 4 judged under three seeds.
  const trainings = trainingsOf(config).map(({ count, tokens }) => [count, tokens]);
  assert.deepEqual(trainings, [
    [110, 3_000_000],
    [12, 10_000_000],
  ]);
  // 4 layers of 12 * 128^2 parameters and 4096 * 128, six operations each; 12 * 4 * 96 * 128 for attention, a quarter less than for every pair.
  const perToken = 6 * (4 * 12 * 128 ** 2 + 4096 * 128) + 12 * 4 * 96 * 128;
  const { amount, unit } = searchCost(config);
  assert.equal(unit, "GFLOP of transformers");
  assert.ok(Math.abs(amount / ((perToken * 450e6) / 1e9) - 1) < 1e-12);
  // A third of that per token for half of 600,000 tokens of targets, in each of the 122.
  const measured = (perToken * (450e6 + 122 * 100_000)) / 1e9;
  assert.ok(Math.abs(searchCost(config, 600_000).amount / measured - 1) < 1e-12);
});

await test("n-grams count where nothing is trained beside them, and trainers of one's own before all", async () => {
  const ngrams = await loadConfig("configs/paper.yaml");
  // 112 trials in rounds, 114 random, 4 and 8 besides; 7 under three seeds.
  assert.deepEqual(searchCost(ngrams), { amount: 259 * 1_000_000_000, unit: "proxy tokens" });
  const external = await loadConfig("configs/overnight.yaml", [
    "search.confirmProxy={kind: external, command: train, tokens: 5}",
  ]);
  assert.deepEqual(searchCost(external), { amount: 12 * 5, unit: "external proxy tokens" });
});
