import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import type { Trial, Verdict } from "../../../pipeline/schema/search.ts";
import { type ConfirmMeasurement, type Finalist, finalTable } from "../../../pipeline/search/final-table.ts";
import { judge } from "../../../pipeline/search/verdict.ts";

function finalist(name: Finalist["name"]): Finalist {
  const select: Trial = {
    key: name,
    weights: [1],
    losses: [],
    objectiveBitsPerByte: 2,
    drawnTokens: [10],
    epochs: [1],
  };
  return { name, select };
}

const nats = (...bits: number[]): ConfirmMeasurement => ({
  documentNats: [bits.map((value) => value * Math.LN2)],
});
const target = { name: "t", weight: 1, documentBytes: Uint32Array.of(10, 30) };

await test("losses are total bits over total bytes, averaged over seeds (by hand)", () => {
  // Two documents of 10 and 30 bytes. found: 20 and 40 bits under one seed, 22 and 42 under the other.
  const table = finalTable(
    [finalist("found"), finalist("natural")],
    [target],
    [
      [nats(20, 40), nats(24, 48)],
      [nats(22, 42), nats(24, 48)],
    ],
    200,
    new Random(1),
  );
  const [found, natural] = table;
  assert(Math.abs(found!.confirmBitsPerByte - 62 / 40) < 1e-12);
  assert(Math.abs(natural!.confirmBitsPerByte - 72 / 40) < 1e-12);
  assert(Math.abs(found!.differenceToNatural - -10 / 40) < 1e-12);
  // Seeds gave 60/40 and 64/40: the sample deviation of two values is their distance over sqrt 2.
  assert(Math.abs(found!.seedDeviation - 4 / 40 / Math.SQRT2) < 1e-12);
  assert.equal(natural!.differenceToNatural, 0);
  assert.deepEqual(natural!.differenceInterval, { low: 0, high: 0 });
});

/** The verdict on a mixture whose documents cost `shift` bits more than natural's. */
function judged(shift: (document: number) => number): Verdict {
  const documentBytes = new Uint32Array(200).fill(100);
  const base = Array.from(documentBytes, (_, document) => 150 + (document % 7));
  const table = finalTable(
    [finalist("found"), finalist("natural")],
    [{ name: "t", weight: 1, documentBytes }],
    [[nats(...base.map((bits, document) => bits + shift(document))), nats(...base)]],
    500,
    new Random(3),
  );
  return judge(table[0]!);
}

await test("an interval that holds zero is no gain; beyond it, a gain or a loss", () => {
  assert.equal(judged(() => -5).claim, "gain");
  assert.equal(judged(() => 5).claim, "loss");
  const noise = judged((document) => (document % 2 === 0 ? 10 : -10));
  assert.equal(noise.claim, "no gain beyond noise");
  assert(noise.interval.low < 0 && noise.interval.high > 0);
  assert.match(noise.text, /within noise/);
});

await test("a table without natural is refused", () =>
  assert.throws(
    () => finalTable([finalist("found")], [target], [[nats(1, 1)]], 10, new Random(1)),
    /natural/,
  ));
