import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { InputError } from "../../../pipeline/core/errors.ts";
import {
  type CorpusRows,
  type Draw,
  drawDocuments,
  drawEachOnce,
} from "../../../pipeline/materialize/draw.ts";
import { Random } from "../../../pipeline/math/random.ts";

const seed = new Random("draw test");

function drawnTokens({ rowDomain, rowTokens }: CorpusRows, { copies, cuts }: Draw, domain: number): number {
  let tokens = 0;
  for (const [row, of] of rowDomain.entries()) if (of === domain) tokens += copies[row]! * rowTokens[row]!;
  for (const cut of cuts) if (rowDomain[cut.row] === domain) tokens += cut.tokens;
  return tokens;
}

await test("a case worked by hand: full epochs first, then a part of one", () => {
  // Domain a has 10 + 20 + 30 = 60 tokens, domain b 7; row 3 is in neither.
  const rows = {
    rowDomain: Int32Array.of(0, 0, 0, -1, 1),
    rowTokens: Uint32Array.of(10, 20, 30, 99, 7),
  };
  const domains = [
    { id: "a", budgetTokens: 130 },
    { id: "b", budgetTokens: 14 },
  ];
  const whole = drawDocuments(rows, domains, { lastDocument: "whole", seed });
  // 130 = 2 epochs of 60, and 10 more: in whatever order, only the first document fits.
  assert.deepEqual([...whole.copies], [3, 2, 2, 0, 2]);
  assert.deepEqual(whole.cuts, []);

  const cut = drawDocuments(rows, domains, { lastDocument: "cut", seed });
  const order = [...seed.fork("a").shuffle(Uint32Array.of(0, 1, 2))];
  // The first document in the seeded order gives the 10 tokens: whole if it is the one of 10, else cut.
  assert.deepEqual([...cut.copies], order[0] === 0 ? [3, 2, 2, 0, 2] : [2, 2, 2, 0, 2]);
  assert.deepEqual(cut.cuts, order[0] === 0 ? [] : [{ row: order[0], tokens: 10 }]);
});

await test("whole documents: the shortest one left is taken when that comes nearer", () => {
  const rows = { rowDomain: Int32Array.of(0, 0), rowTokens: Uint32Array.of(100, 40) };
  const copiesFor = (budgetTokens: number) => [
    ...drawDocuments(rows, [{ id: "a", budgetTokens }], { lastDocument: "whole", seed }).copies,
  ];
  assert.deepEqual(copiesFor(21), [0, 1]); // 40 is 19 off, 0 is 21 off
  assert.deepEqual(copiesFor(19), [0, 0]);
  assert.deepEqual(copiesFor(140 + 40), [1, 2]);
});

const corpora = fc.record({
  rows: fc.array(
    fc.record({ domain: fc.integer({ min: -1, max: 2 }), tokens: fc.integer({ min: 1, max: 300 }) }),
    {
      minLength: 3,
      maxLength: 120,
    },
  ),
  budget: fc.integer({ min: 1, max: 60_000 }),
  seed: fc.integer(),
});

await test("cut to the token, whole to less than the shortest document left; all epochs but one are complete", () => {
  fc.assert(
    fc.property(corpora, ({ rows: list, budget, seed: number }) => {
      const rows = {
        rowDomain: Int32Array.from(list, ({ domain }) => domain),
        rowTokens: Uint32Array.from(list, ({ tokens }) => tokens),
      };
      const domains = [0, 1, 2].map((domain) => ({
        id: `d${domain}`,
        budgetTokens: list.some((row) => row.domain === domain) ? budget : 0,
      }));
      for (const lastDocument of ["cut", "whole"] as const) {
        const draw = drawDocuments(rows, domains, { lastDocument, seed: new Random(number) });
        for (const [domain, { budgetTokens }] of domains.entries()) {
          const members = [...rows.rowDomain.keys()].filter((row) => rows.rowDomain[row] === domain);
          const total = members.reduce((sum, row) => sum + rows.rowTokens[row]!, 0);
          const epochs = total === 0 ? 0 : Math.floor(budgetTokens / total);
          for (const row of members) assert([epochs, epochs + 1].includes(draw.copies[row]!));
          const off = drawnTokens(rows, draw, domain) - budgetTokens;
          if (lastDocument === "cut") assert.equal(off, 0);
          const left = members
            .filter((row) => draw.copies[row] === epochs)
            .map((row) => rows.rowTokens[row]!);
          if (off < 0) assert(left.every((tokens) => tokens + off >= -off));
          if (off > 0) assert(off <= Math.max(...members.map((row) => rows.rowTokens[row]!)) / 2);
        }
        assert(draw.copies.every((count, row) => rows.rowDomain[row] !== -1 || count === 0));
      }
    }),
    { numRuns: 60 },
  );
});

await test("the same seed draws the same documents; another seed and another domain draw others", () => {
  const rows = { rowDomain: new Int32Array(400), rowTokens: new Uint32Array(400).fill(10) };
  const copies = (name: string, id = "a") =>
    drawDocuments(rows, [{ id, budgetTokens: 1000 }], { lastDocument: "whole", seed: new Random(name) })
      .copies;
  assert.deepEqual(copies("one"), copies("one"));
  assert.notDeepEqual(copies("one"), copies("two"));
  assert.notDeepEqual(copies("one"), copies("one", "b"));
});

await test("a domain with a budget but no tokens is named", () => {
  const rows = { rowDomain: Int32Array.of(0), rowTokens: Uint32Array.of(5) };
  const domains = [
    { id: "a", budgetTokens: 5 },
    { id: "empty", budgetTokens: 3 },
  ];
  assert.throws(
    () => drawDocuments(rows, domains, { lastDocument: "cut", seed }),
    (error) => error instanceof InputError && /empty should give 3 tokens/.test(error.message),
  );
});

await test("each once takes the included domains and nothing else", () => {
  const { copies, cuts } = drawEachOnce(Int32Array.of(0, 1, 2, -1, 1), [true, false, true]);
  assert.deepEqual([...copies], [1, 0, 1, 0, 0]);
  assert.deepEqual(cuts, []);
});
