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
    objective: 2,
    drawnTokens: [10],
    epochs: [1],
  };
  return { name, select };
}

const nats = (...bits: number[]): ConfirmMeasurement => ({
  groupNats: [bits.map((value) => value * Math.LN2)],
});
const target = { name: "t", weight: 1, groupBytes: [10, 30] };

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
  const [found, natural] = table.rows;
  assert(Math.abs(found!.confirmObjective - 62 / 40) < 1e-12);
  assert(Math.abs(natural!.confirmObjective - 72 / 40) < 1e-12);
  assert(Math.abs(found!.differenceToNatural - -10 / 40) < 1e-12);
  // Seeds gave 60/40 and 64/40: the sample deviation of two values is their distance over sqrt 2.
  assert(Math.abs(found!.seedDeviation - 4 / 40 / Math.SQRT2) < 1e-12);
  assert.equal(natural!.differenceToNatural, 0);
  assert.deepEqual(natural!.differenceInterval, { low: 0, high: 0 });
});

const measured = (a: number, b: number) => ({ groupNats: [[a * Math.LN2], [b * Math.LN2]] });

await test("the worst target's difference to natural is that of the mixture, with its interval (by hand)", () => {
  // Two targets of weight 3 and 1, one document each, so that resampling changes nothing.
  const targets = [
    { name: "a", weight: 3, groupBytes: [10] },
    { name: "b", weight: 1, groupBytes: [10] },
  ];
  const table = finalTable(
    [finalist("found"), finalist("natural")],
    targets,
    [[measured(10, 21), measured(20, 24)]],
    50,
    new Random(1),
    "worst",
  );
  const [found, natural] = table.rows;
  assert(Math.abs(natural!.confirmObjective - (3 * 2 + 2.4) / 4) < 1e-12);
  assert(Math.abs(found!.differenceToNatural - -0.3) < 1e-12, "b gains least");
  assert(Math.abs(found!.differenceInterval.high - -0.3) < 1e-12);
  assert.deepEqual(
    found!.targetDifferences.map(({ difference }) => difference.toFixed(2)),
    ["-1.00", "-0.30"],
  );
  assert(Math.abs(table.perSeed[0]![0]! - table.perSeed[1]![0]! - -0.3) < 1e-12);
});

/** The verdict on a mixture whose documents cost `shift` bits more than natural's. */
function judged(shift: (document: number) => number, groups = 200): Verdict {
  const groupBytes = Array.from({ length: groups }, () => 100);
  const base = groupBytes.map((_, document) => 150 + (document % 7));
  const table = finalTable(
    [finalist("found"), finalist("natural"), finalist("best-random")],
    [{ name: "t", weight: 1, groupBytes }],
    [[nats(...base.map((bits, document) => bits + shift(document))), nats(...base), nats(...base)]],
    500,
    new Random(3),
  );
  return judge(table);
}

await test("an interval that holds zero is no gain; beyond it, a gain or a loss", () => {
  assert.equal(judged(() => -5).claim, "gain");
  assert.equal(judged(() => 5).claim, "loss");
  const noise = judged((document) => (document % 2 === 0 ? 10 : -10));
  assert.equal(noise.claim, "no gain beyond noise");
  assert(noise.interval.low < 0 && noise.interval.high > 0);
  assert.match(noise.text, /within noise/);
  assert.equal(judged(() => -5, 19).claim, "too little confirm text");
  assert.equal(judged(() => -5, 20).claim, "gain");
});

await test("a table without natural is refused", () =>
  assert.throws(
    () => finalTable([finalist("found")], [target], [[nats(1, 1)]], 10, new Random(1)),
    /natural/,
  ));

await test("seeds that disagree widen the interval until no gain can be claimed (by hand)", () => {
  // Every document shows the same difference, so resampling documents gives no width at all: -4 bits of 40 bytes under
  // one seed, -2 under the other. Mean -3/40, deviation sqrt 2 / 40, so +- 12.706 * (sqrt 2 / 40) / sqrt 2.
  const table = finalTable(
    [finalist("found"), finalist("natural")],
    [{ name: "t", weight: 1, groupBytes: [20, 20] }],
    [
      [nats(18, 18), nats(20, 20)],
      [nats(19, 19), nats(20, 20)],
    ],
    100,
    new Random(1),
  );
  const { difference, interval } = table.difference("found", "natural");
  assert(Math.abs(difference - -3 / 40) < 1e-12);
  assert(Math.abs(interval.high - (-3 + 12.706) / 40) < 1e-9);
  assert(Math.abs(interval.low - (-3 - 12.706) / 40) < 1e-9);
});
