import assert from "node:assert/strict";
import test from "node:test";
import { ConfigError, InputError } from "../../../pipeline/core/errors.ts";
import { countPerToken, planTokens } from "../../../pipeline/proxy/token-plan.ts";

const domains = [
  { id: "books", tokens: 1000 },
  { id: "mail", tokens: 400 },
];

function count(epochs: number, repetition: "once" | "saturating" | "full"): number {
  return countPerToken(epochs, { repetition, saturationEpochs: 15 });
}

await test("the plan worked by hand: pools shrink with the budget, so epochs stay", () => {
  // In the target run mail gives 0.8 * 1000 = 800 tokens, 2 epochs; books 200 tokens, a fifth.
  assert.deepEqual(planTokens([0.2, 0.8], domains, { targetTokens: 1000, proxyTokens: null }), {
    poolTokens: [1000, 400],
    drawnTokens: [200, 800],
    prefixTokens: [200, 400],
    epochs: [0.2, 2],
  });
  assert.deepEqual(planTokens([0.2, 0.8], domains, { targetTokens: 1000, proxyTokens: 100 }), {
    poolTokens: [100, 40],
    drawnTokens: [20, 80],
    prefixTokens: [20, 40],
    epochs: [0.2, 2],
  });
});

await test("another tokenizer draws the text that the run's would: epochs stay, steps follow the text", () => {
  // 1.5 and 3 tokens for each of the run's: of the run's 200 and 800 tokens it makes 300 and 2400.
  const finer = [
    { id: "books", tokens: 1500, runTokens: 1000 },
    { id: "mail", tokens: 1200, runTokens: 400 },
  ];
  const budget = { targetTokens: 1000, proxyTokens: null };
  const { drawnTokens, epochs } = planTokens([0.2, 0.8], finer, budget);
  assert.deepEqual(
    [drawnTokens, epochs],
    [
      [300, 2400],
      [0.2, 2],
    ],
  );
  const half = planTokens([0.2, 0.8], finer, { targetTokens: 1000, proxyTokens: 500 });
  assert.deepEqual(
    [half.drawnTokens, half.poolTokens, half.epochs],
    [
      [150, 1200],
      [750, 600],
      [0.2, 2],
    ],
  );
  assert.deepEqual(
    planTokens([1, 0], finer, budget).drawnTokens,
    [1500, 0],
    "fewer steps for text it cuts less",
  );
});

await test("drawn tokens are whole and sum to the budget", () => {
  const plan = planTokens([1 / 3, 2 / 3], domains, { targetTokens: 100, proxyTokens: null });
  assert.deepEqual(plan.drawnTokens, [33, 67]);
  assert.deepEqual(planTokens([1, 0], domains, { targetTokens: 10, proxyTokens: null }).epochs, [0.01, 0]);
});

await test("a domain with weight whose pool scales to nothing is named", () => {
  assert.throws(
    () =>
      planTokens([0.5, 0.5], [domains[0]!, { id: "tiny", tokens: 4 }], {
        targetTokens: 1000,
        proxyTokens: 100,
      }),
    (error) => error instanceof InputError && /domain tiny has weight 0.5.*: 4 tokens/.test(error.message),
  );
  const none = [domains[0]!, { id: "tiny", tokens: 0 }];
  assert.deepEqual(planTokens([1, 0], none, { targetTokens: 10, proxyTokens: null }).epochs, [0.01, 0]);
});

await test("a proxy larger than what it stands for, and weights that are none, are refused", () => {
  assert.throws(
    () => planTokens([1, 0], domains, { targetTokens: 100, proxyTokens: 200 }),
    (error) => error instanceof ConfigError && error.message.includes("proxyTokens=200 should be <="),
  );
  const budget = { targetTokens: 100, proxyTokens: null };
  assert.throws(() => planTokens([0.5, 0.4], domains, budget), /sum\(weights\)=0.9 should be 1/);
  assert.throws(() => planTokens([1.5, -0.5], domains, budget), /weights\[1\]=-0.5 should be >= 0/);
  assert.throws(() => planTokens([1], domains, budget), /weights=1 should be domains=2/);
});

await test("what a token counts for, by repetition model", () => {
  assert.equal(count(4, "once"), 1);
  assert.equal(count(4, "full"), 4);
  // 1 + 15 (1 - exp(-3 / 15)) = 1 + 15 * 0.18126924692201815
  assert.ok(Math.abs(count(4, "saturating") - 3.719038703830272) < 1e-12);
  assert.ok(count(1e6, "saturating") <= 16);
  for (const repetition of ["once", "saturating", "full"] as const) {
    assert.equal(count(0.3, repetition), 1, "a part of the pool is read once");
  }
});
