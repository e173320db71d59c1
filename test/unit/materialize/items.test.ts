import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { itemsOf } from "../../../pipeline/materialize/items.ts";
import { Random } from "../../../pipeline/math/random.ts";

const seed = new Random("items test");

await test("a case worked by hand: one shard holds every copy, the cut one with its tokens", () => {
  const corpus = { rowDomain: Int32Array.of(0, -1, 1), rowTokens: Uint32Array.of(10, 20, 30) };
  const draw = { copies: Uint32Array.of(2, 0, 1), cuts: [{ row: 2, tokens: 7 }] };
  const { rows, tokens } = itemsOf(corpus, draw, { part: 0, parts: 1, domain: null }, seed);
  const found = Array.from(rows, (row, item) => `${row}: ${tokens[item]}`);
  assert.deepEqual(found.toSorted(), ["0: 10", "0: 10", "2: 30", "2: 7"]);
});

await test("every copy of every document is in exactly one shard", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ copies: fc.nat(5), domain: fc.integer({ min: 0, max: 2 }) }), {
        minLength: 1,
        maxLength: 80,
      }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer(),
      (list, parts, number) => {
        const corpus = {
          rowDomain: Int32Array.from(list, ({ domain }) => domain),
          rowTokens: Uint32Array.from(list, (_, row) => row + 10),
        };
        const copies = Uint32Array.from(list, (row) => row.copies);
        const draw = { copies, cuts: [{ row: 0, tokens: 3 }] };
        const random = new Random(number);
        const counted = new Uint32Array(list.length);
        let cuts = 0;
        for (let part = 0; part < parts; part++) {
          const { rows, tokens } = itemsOf(corpus, draw, { part, parts, domain: null }, random);
          for (const [item, row] of rows.entries()) {
            if (tokens[item] === 3) cuts++;
            else counted[row]!++;
          }
        }
        assert.deepEqual(counted, copies);
        assert.equal(cuts, 1);
      },
    ),
    { numRuns: 60 },
  );
});

await test("repeats of a document lie in different shards, as far apart as they can", () => {
  const rows = 1000;
  const corpus = { rowDomain: new Int32Array(rows), rowTokens: new Uint32Array(rows).fill(1) };
  const draw = { copies: new Uint32Array(rows).fill(4), cuts: [] };
  const shards = Array.from({ length: 8 }, (_, part) =>
    itemsOf(corpus, draw, { part, parts: 8, domain: null }, seed),
  );
  const holding = shards.flatMap(({ rows }, part) => (rows.includes(123) ? [part] : []));
  assert.equal(holding.length, 4);
  assert(
    holding.every((part, i) => part === holding[0]! + 2 * i),
    holding.join(),
  );
});

await test("a shard is shuffled and a sample of all domains; a domain's own shards keep the corpus's order", () => {
  const rows = 8000;
  const random = new Random("domains");
  const corpus = {
    rowDomain: Int32Array.from({ length: rows }, () => random.below(2)),
    rowTokens: new Uint32Array(rows).fill(1),
  };
  const draw = { copies: new Uint32Array(rows).fill(1), cuts: [] };
  const mixed = itemsOf(corpus, draw, { part: 1, parts: 4, domain: null }, seed).rows;
  assert.notDeepEqual(mixed, mixed.toSorted());
  const share = mixed.filter((row) => corpus.rowDomain[row] === 0).length / mixed.length;
  assert(Math.abs(share - 0.5) < 0.05, `${share}`);
  const other = itemsOf(corpus, draw, { part: 1, parts: 4, domain: null }, new Random("other")).rows;
  assert.notDeepEqual(other, mixed);

  const alone = itemsOf(corpus, draw, { part: 1, parts: 4, domain: 1 }, seed).rows;
  assert.deepEqual(alone, alone.toSorted());
  assert(alone.length > 0 && alone.every((row) => corpus.rowDomain[row] === 1));
});
