import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { crossDomains } from "../../../pipeline/domains/cross-domains.ts";
import { quantileBounds, scoreBuckets } from "../../../pipeline/domains/score-buckets.ts";

await test("two domains and three ordered buckets worked by hand", () => {
  // Domain 0: q1 10, q2 1, q3 4 tokens; domain 1: q1 2, q3 2; the last row is in none.
  const rows = {
    rowDomain: Int32Array.of(0, 0, 0, 0, 1, 1, -1),
    tokens: [6, 4, 1, 4, 2, 2, 50],
    domains: 2,
  };
  const buckets = { ids: ["q1", "q2", "q3"], ordered: true, rowBucket: [0, 0, 1, 2, 0, 2, 0] };
  assert.deepEqual(crossDomains(rows, buckets, 1), {
    parts: [
      { of: 0, id: "q1" },
      { of: 0, id: "q2" },
      { of: 0, id: "q3" },
      { of: 1, id: "q1" },
      { of: 1, id: "q3" },
    ],
    rowPart: Int32Array.of(0, 0, 1, 2, 3, 4, -1),
    before: 5,
    joined: { parts: 0, documents: 0, tokens: 0 },
  });
  // q2 of domain 0 joins q3, its smaller neighbour; domain 1 has 4 tokens in all and stays whole.
  assert.deepEqual(crossDomains(rows, buckets, 5), {
    parts: [
      { of: 0, id: "q1" },
      { of: 0, id: "q2-q3" },
      { of: 1, id: "" },
    ],
    rowPart: Int32Array.of(0, 0, 1, 1, 2, 2, -1),
    before: 5,
    joined: { parts: 2, documents: 2, tokens: 3 },
  });
});

await test("small sources gather, whatever stands between them", () => {
  const rows = { rowDomain: new Int32Array(4), tokens: [3, 90, 40, 2], domains: 1 };
  const buckets = { ids: ["blogs", "books", "mail", "wiki"], ordered: false, rowBucket: [0, 1, 2, 3] };
  const { parts, rowPart, joined } = crossDomains(rows, buckets, 5);
  assert.deepEqual(
    [...rowPart].map((part) => parts[part]!.id),
    ["blogs-wiki", "books", "mail", "blogs-wiki"],
  );
  assert.deepEqual(joined, { parts: 1, documents: 1, tokens: 2 });
});

await test("no document is lost or changes its domain, and only whole domains are small", () => {
  const row = fc.record({
    domain: fc.integer({ min: -1, max: 3 }),
    bucket: fc.integer({ min: 0, max: 4 }),
    tokens: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1 }),
      fc.integer({ min: 0, max: 300 }),
      fc.boolean(),
      (all, minTokens, ordered) => {
        const rowDomain = Int32Array.from(all, ({ domain }) => domain);
        const { parts, rowPart, before, joined } = crossDomains(
          { rowDomain, tokens: all.map(({ tokens }) => tokens), domains: 4 },
          { ids: ["a", "b", "c", "d", "e"], ordered, rowBucket: all.map(({ bucket }) => bucket) },
          minTokens,
        );
        assert.equal(parts.length, before - joined.parts);
        assert.equal(new Set(parts.map(({ of, id }) => `${of}.${id}`)).size, parts.length);
        const sizes = parts.map(() => 0);
        all.forEach(({ domain, tokens }, i) => {
          assert.equal(domain < 0 ? -1 : parts[rowPart[i]!]!.of, domain < 0 ? rowPart[i] : domain);
          if (domain >= 0) sizes[rowPart[i]!]! += tokens;
        });
        sizes.forEach((size, part) => {
          const isWhole = parts.filter(({ of }) => of === parts[part]!.of).length === 1;
          assert.ok(size > 0 && (isWhole || size >= minTokens));
        });
      },
    ),
  );
});

await test("buckets of like size by tokens, by hand; equal scores stay together", () => {
  const rows = { rowDomain: Int32Array.of(0, 0, 0, 0, 0, -1), tokens: [1, 1, 1, 1, 2, 9] };
  const scores = Float64Array.of(0.4, 0.1, 0.3, 0.2, NaN, 0.9);
  // Sorted .1 .2 | .3 .4: half of the four tokens lie below .3.
  assert.deepEqual(quantileBounds(scores, rows, 2), [0.3]);
  assert.deepEqual(Array.from(scoreBuckets(scores, [0.3]).rowBucket), [2, 1, 2, 1, 0, 2]);
  assert.deepEqual(scoreBuckets(scores, [0.3]).ids, ["unscored", "q1", "q2"]);
  assert.deepEqual(quantileBounds(scores, rows, 4), [0.2, 0.3, 0.4]);
  // Three quarters have the lowest score: q1 is larger than a third, and there are two buckets.
  assert.deepEqual(quantileBounds([1, 1, 1, 2, NaN, 0], rows, 3), [2]);
  assert.deepEqual(quantileBounds([1, 1, 1, 1, NaN, 0], rows, 3), []);
});
