import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { carryTrials } from "../../../pipeline/domains/carry-trials.ts";
import { compareDomains, type Overlap } from "../../../pipeline/domains/compare-domains.ts";

/** Tokens shared by old a, b, c, d, e and new A, B, C, D; the last column is in no new domain. */
const overlap: Overlap = {
  old: ["a", "b", "c", "d", "e"].map((id) => ({ id, name: `the ${id}` })),
  new: ["A", "B", "C", "D"].map((id) => ({ id, name: `the ${id}` })),
  tokens: [
    [45, 45, 0, 0, 10], // a is split into A and B
    [0, 0, 60, 0, 0], // b and c become C
    [0, 0, 50, 10, 0],
    [0, 0, 0, 0, 30], // d is pruned
    [5, 5, 0, 5, 5], // e is scattered
  ],
  // D is mostly text that no old domain held.
  newTokens: [50, 50, 110, 100],
};

await test("splits, mergers, births and deaths, worked by hand", () => {
  const { old, new: fresh, pairs } = compareDomains(overlap);
  assert.deepEqual(pairs, [
    // More than half of b is in C, and b is more than half of C: C is b grown by c.
    { old: 1, new: 2, overlap: 60 / 110 },
  ]);
  assert.deepEqual(
    old.map(({ id, fate }) => [id, fate]),
    [
      ["a", "split"],
      ["b", "kept"],
      ["c", "merged"],
      ["d", "died"],
      ["e", "died"],
    ],
  );
  assert.deepEqual(
    fresh.map(({ id, fate }) => [id, fate]),
    [
      ["A", "split"],
      ["B", "split"],
      ["C", "kept"],
      ["D", "born"],
    ],
  );
  assert.deepEqual(old[0]!.flows, [
    { id: "A", share: 0.45 },
    { id: "B", share: 0.45 },
  ]);
  assert.deepEqual(fresh[0]!.flows, [
    { id: "a", share: 0.9 },
    { id: "e", share: 0.1 },
  ]);
});

await test("two equal halves are a merger, not one kept and one gone", () => {
  const half: Overlap = {
    old: overlap.old.slice(0, 2),
    new: overlap.new.slice(0, 1),
    tokens: [
      [50, 0],
      [50, 0],
    ],
    newTokens: [100],
  };
  const { old, new: fresh, pairs } = compareDomains(half);
  assert.deepEqual(pairs, []);
  assert.deepEqual(
    [...old, ...fresh].map(({ fate }) => fate),
    ["merged", "merged", "merged"],
  );
});

await test("a smaller part leaves a domain that is kept", () => {
  const leaving: Overlap = {
    old: overlap.old.slice(0, 1),
    new: overlap.new.slice(0, 2),
    tokens: [[60, 40, 0]],
    newTokens: [60, 50],
  };
  const { old, new: fresh } = compareDomains(leaving);
  assert.deepEqual(
    [...old, ...fresh].map(({ fate }) => fate),
    ["kept", "kept", "split"],
  );
});

await test("pairs are one to one, whatever the overlap", () => {
  const table = fc.array(fc.array(fc.nat(50), { minLength: 4, maxLength: 4 }), {
    minLength: 3,
    maxLength: 3,
  });
  fc.assert(
    fc.property(table, fc.array(fc.nat(30), { minLength: 3, maxLength: 3 }), (tokens, extra) => {
      const newTokens = extra.map((more, n) => tokens.reduce((sum, row) => sum + row[n]!, more));
      const { pairs } = compareDomains({
        old: overlap.old.slice(0, 3),
        new: overlap.new.slice(0, 3),
        tokens,
        newTokens,
      });
      assert.equal(new Set(pairs.map((pair) => pair.old)).size, pairs.length);
      assert.equal(new Set(pairs.map((pair) => pair.new)).size, pairs.length);
    }),
  );
});

function trial(key: string, weights: number[]) {
  return { key, weights, losses: [], objective: 2, drawnTokens: [], epochs: [] };
}

await test("a trial is carried over where its domains are unions of new ones", () => {
  const trials = [trial("split", [1, 0, 0, 0, 0]), trial("gone", [0.99, 0, 0, 0.01, 0])];
  // a has 100 tokens, of which its union A + B (100 tokens) holds 90: a draw differs in 10 %.
  const [carried, ...others] = carryTrials(trials, overlap, 0.1 + 1e-12);
  assert.deepEqual(others, []);
  assert.equal(carried!.key, "split");
  assert.deepEqual(carried!.weights, [0.5, 0.5, 0, 0]);
  assert(Math.abs(carried!.mismatch - 0.1) < 1e-12);
  assert.deepEqual(carryTrials(trials, overlap, 0.09), []);
  // A domain without a union is no ground for anything, even where every mismatch is allowed but this.
  assert.deepEqual(
    carryTrials(trials, overlap, 0.99).map(({ key }) => key),
    ["split"],
  );
});
