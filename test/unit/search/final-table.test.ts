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

const measurement = (...bits: number[]): ConfirmMeasurement => ({ groupLosses: [bits] });
const target = { name: "t", weight: 1, groupSizes: [10, 30] };

await test("losses are total bits over total bytes, averaged over seeds (by hand)", () => {
  // Two documents of 10 and 30 bytes. found: 20 and 40 bits under one seed, 22 and 42 under the other.
  const table = finalTable(
    [finalist("found"), finalist("natural")],
    [target],
    [
      [measurement(20, 40), measurement(24, 48)],
      [measurement(22, 42), measurement(24, 48)],
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

const measured = (a: number, b: number) => ({ groupLosses: [[a], [b]] });

await test("the worst target's difference to natural is that of the mixture, with its interval (by hand)", () => {
  // Two targets of weight 3 and 1, one document each, so that resampling changes nothing.
  const targets = [
    { name: "a", weight: 3, groupSizes: [10] },
    { name: "b", weight: 1, groupSizes: [10] },
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
  const groupSizes = Array.from({ length: groups }, () => 100);
  const base = groupSizes.map((_, document) => 150 + (document % 7));
  const table = finalTable(
    [finalist("found"), finalist("natural"), finalist("best-random")],
    [{ name: "t", weight: 1, groupSizes }],
    [
      [
        measurement(...base.map((bits, document) => bits + shift(document))),
        measurement(...base),
        measurement(...base),
      ],
    ],
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

function near(value: number, expected: number, within: number): void {
  assert.ok(Math.abs(value - expected) < within, `${value} is not ${expected}`);
}

await test("questions are resampled, paired across mixtures (by hand)", () => {
  // Of 400 questions natural answers 160 wrongly; found mends 40 of them and spoils 20 others. The difference by question is
  // -1, +1 or 0, of mean -.05 and variance 60 / 400 - .05 ** 2: by the normal approximation, -.05 -+ 1.96 * .0192.
  const count = 400;
  const natural = Array.from({ length: count }, (_, question) => Number(question < 160));
  const found = natural.map((wrong, question) => (question < 40 ? 0 : question >= 380 ? 1 : wrong));
  const table = finalTable(
    [finalist("found"), finalist("natural"), finalist("best-random")],
    [{ name: "quiz", weight: 2, groupSizes: natural.map(() => 1) }],
    [
      [
        { groupLosses: [found], bitsPerByte: { quiz: 1.5 } },
        { groupLosses: [natural], bitsPerByte: { quiz: 1.25 } },
        { groupLosses: [natural], bitsPerByte: { quiz: 1.25 } },
      ],
    ],
    4000,
    new Random(7),
  );
  const [first] = table.rows;
  near(first!.confirmObjective, 140 / 400, 1e-12);
  assert.deepEqual(first!.confirmLosses, [{ target: "quiz", loss: 0.35, bitsPerByte: 1.5 }]);
  near(first!.differenceToNatural, -0.05, 1e-12);
  near(first!.differenceInterval.low, -0.05 - 1.96 * 0.0192, 0.003);
  near(first!.differenceInterval.high, -0.05 + 1.96 * 0.0192, 0.003);
  const { claim, text } = judge(table, [], "mean", "error rate");
  assert.equal(claim, "gain");
  assert.match(text, /held-out text: \u22120\.0500 in error rate \(95 % interval/);
  // A guard's tolerance is in its target's unit: at most 1 % more wrong answers.
  const guards = [{ target: "quiz", tolerance: 0.01, confidence: 0.95 }];
  assert.equal(judge(table, guards, "mean", "error rate").guards[0]!.kept, true);
});

await test("a table without natural is refused", () =>
  assert.throws(
    () => finalTable([finalist("found")], [target], [[measurement(1, 1)]], 10, new Random(1)),
    /natural/,
  ));

await test("seeds that disagree widen the interval until no gain can be claimed (by hand)", () => {
  // Every document shows the same difference, so resampling documents gives no width at all: -4 bits of 40 bytes under
  // one seed, -2 under the other. Mean -3/40, deviation sqrt 2 / 40, so +- 12.706 * (sqrt 2 / 40) / sqrt 2.
  const table = finalTable(
    [finalist("found"), finalist("natural")],
    [{ name: "t", weight: 1, groupSizes: [20, 20] }],
    [
      [measurement(18, 18), measurement(20, 20)],
      [measurement(19, 19), measurement(20, 20)],
    ],
    100,
    new Random(1),
  );
  const { difference, interval } = table.difference("found", "natural");
  assert(Math.abs(difference - -3 / 40) < 1e-12);
  assert(Math.abs(interval.high - (-3 + 12.706) / 40) < 1e-9);
  assert(Math.abs(interval.low - (-3 - 12.706) / 40) < 1e-9);
});
