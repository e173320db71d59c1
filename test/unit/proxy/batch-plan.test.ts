import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { planBatches, readSequence } from "../../../pipeline/proxy/batch-plan.ts";
import { domainOf } from "./tiny-corpus.ts";

const shape = { contextTokens: 4, batchSequences: 2 };
const long = domainOf("long", [Array.from({ length: 40 }, (_, i) => i)]);
const short = domainOf("short", [[100, 101, 102, 103, 104, 105]]);

await test("the plan worked by hand: whole sequences of single documents, whose pools begin at 0", () => {
  // 50 tokens are 6 batches of 8. A quarter of the 12 sequences is 3 of the short domain: 12 tokens, two passes over 6.
  const budget = { targetTokens: 50, proxyTokens: null };
  const plan = planBatches([0.75, 0.25], [long, short], budget, shape, new Random(1));
  assert.equal(plan.steps, 6);
  assert.deepEqual(plan.drawnTokens, [36, 12]);
  assert.deepEqual(plan.prefixTokens, [36, 6]);
  assert.deepEqual(plan.epochs, [0.9, 2]);
  assert.deepEqual(plan.poolStarts, [0, 0]);
  const positions = (domain: number) =>
    [...plan.sequencePositions].filter((_, i) => plan.sequenceDomains[i] === domain);
  // The first pass begins sequences at 0 and 4; the one at 4 goes on at the pool's start, where the third follows at 2.
  const [first, second, third] = positions(1);
  assert.deepEqual([first! + second!, third], [4, 2]);
  assert.deepEqual(
    positions(0).sort((left, right) => left - right),
    [0, 4, 8, 12, 16, 20, 24, 28, 32],
  );
  const tokens = [...plan.sequenceDomains].flatMap((domain, sequence) => {
    if (domain === 0) return [];
    const row: number[] = [];
    readSequence(plan, [long, short], sequence, row);
    return [row];
  });
  assert.deepEqual(tokens.sort((left, right) => left[0]! - right[0]!).slice(1), [
    [102, 103, 104, 105, 100],
    [104, 105, 100, 101, 102],
  ]);
});

await test("a pool is a part of the domain in a row, and goes round its end", () => {
  const documents = Array.from({ length: 10 }, (_, d) => [d * 10, d * 10 + 1, d * 10 + 2, d * 10 + 3]);
  const domain = domainOf("documents", documents);
  // A pool of 20 of the 40 tokens, all of them drawn twice.
  const budget = { targetTokens: 80, proxyTokens: 40 };
  let wrapped = 0;
  for (let s = 0; s < 30; s++) {
    const plan = planBatches([1], [domain], budget, shape, new Random(s));
    assert.deepEqual([plan.poolTokens, plan.epochs, plan.steps], [[20], [2], 5]);
    const row = new Uint16Array(5);
    const starts = [...plan.sequencePositions].map((_, sequence) => {
      readSequence(plan, [domain], sequence, row);
      return row[0]!;
    });
    const first = plan.poolStarts[0]! / 4;
    const pool = new Set([0, 1, 2, 3, 4].map((d) => ((first + d) % 10) * 10));
    const passes = [starts.slice(0, 5), starts.slice(5)];
    for (const pass of passes) assert.deepEqual(new Set(pass), pool);
    if (first > 5) wrapped++;
  }
  assert.ok(wrapped > 0 && wrapped < 30);
});

await test("sequences have an order of their own in every pass, and the next seed another", () => {
  const budget = { targetTokens: 80, proxyTokens: null };
  const orders = [1, 2].map((seed) => {
    const plan = planBatches([1], [long], budget, shape, new Random(seed));
    return [plan.sequencePositions.slice(0, 10).join(), plan.sequencePositions.slice(10).join()];
  });
  assert.equal(new Set(orders.flat()).size, 4);
});

await test("any stretch of the run holds the mixture", () => {
  const documents = [Array.from({ length: 4000 }, (_, i) => i)];
  const domains = ["a", "b", "c"].map((id) => domainOf(id, documents));
  const weights = [0.6, 0.3, 0.1];
  const plan = planBatches(weights, domains, { targetTokens: 4000, proxyTokens: null }, shape, new Random(5));
  const counts = [0, 0, 0];
  plan.sequenceDomains.forEach((domain, i) => {
    counts[domain]!++;
    counts.forEach((count, k) => assert.ok(Math.abs(count - weights[k]! * (i + 1)) <= 2, `${k} at ${i}`));
  });
});

await test("a pool shorter than one sequence, and a budget shorter than one batch, are refused", () => {
  const tiny = domainOf("tiny", [[1, 2, 3]]);
  const budget = { targetTokens: 40, proxyTokens: null };
  assert.throws(
    () => planBatches([0.5, 0.5], [long, tiny], budget, shape, new Random(1)),
    /domain tiny has weight 0.5 but too few.* are 3, and one sequence is 4/,
  );
  assert.equal(planBatches([1, 0], [long, tiny], budget, shape, new Random(1)).steps, 5);
  assert.throws(
    () => planBatches([1], [long], { targetTokens: 7, proxyTokens: null }, shape, new Random(1)),
    /budget of 7 tokens should be at least one batch: 2 sequences of 4 tokens/,
  );
});
