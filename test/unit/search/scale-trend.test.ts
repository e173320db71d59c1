import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { describeTrend, scaleTrend } from "../../../pipeline/search/scale-trend.ts";

const rungs = (gaps: readonly (readonly number[])[]) =>
  gaps.map((bySeed, i) => ({ tokens: 1000 * 4 ** i, proxy: "p", bySeed }));

await test("a steady gap by hand: the line's error, the text's, and no slope to doubt", () => {
  // Gaps -1.1, -1, -.9 at each of three sizes: slope 0, level -1, squares .06 over 7 degrees: deviation .0926.
  const trend = scaleTrend(
    "found",
    rungs([
      [-1.1, -1, -0.9],
      [-1.1, -1, -0.9],
      [-1.1, -1, -0.9],
    ]),
    0.03,
    4000,
    0.95,
  );
  assert.ok(Math.abs(trend.perDoubling) < 1e-12);
  assert.ok(Math.abs(trend.atTarget.gap + 1) < 1e-12);
  // At the middle size the line's error is .0926 / 3.
  assert.ok(Math.abs(trend.atTarget.deviation - Math.hypot(Math.sqrt(0.06 / 7) / 3, 0.03)) < 1e-12);
  assert.ok(trend.atTarget.probabilityOfGain > 0.9999);
  assert.equal(trend.shownUpToTokens, 4000);
  assert.match(
    describeTrend(trend, 0.95),
    /probability that it beats natural at 4,000 tokens is above 99.9 %/,
  );
});

await test("a gap that shrinks is unproven above the size where it may be gone", () => {
  const trend = scaleTrend(
    "found",
    rungs([
      [-0.9, -0.91, -0.89],
      [-0.6, -0.61, -0.59],
      [-0.3, -0.31, -0.29],
    ]),
    0.01,
    1e6,
    0.95,
  );
  assert.ok(trend.perDoubling > 0 && trend.atTarget.gap > 0);
  assert.ok(trend.atTarget.probabilityOfGain < 0.5);
  // The line crosses zero at 64,000.
  assert.ok(
    trend.shownUpToTokens! > 16_000 && trend.shownUpToTokens! < 64_000,
    String(trend.shownUpToTokens),
  );
  assert.match(describeTrend(trend, 0.95), /unproven above [\d,]+ tokens/);
});

await test("a gap within its noise is unproven at any size", () => {
  const trend = scaleTrend(
    "found",
    rungs([
      [-0.1, 0.1, 0.02],
      [0.1, -0.1, 0],
      [0, 0.1, -0.1],
    ]),
    0.01,
    1e6,
    0.95,
  );
  assert.equal(trend.shownUpToTokens, null);
  assert.match(describeTrend(trend, 0.95), /unproven at any size/);
});

await test("stated probabilities are right as often as they say, where the line goes on", () => {
  const random = new Random("calibration");
  let claims = 0;
  let right = 0;
  for (let draw = 0; draw < 2000; draw++) {
    const level = 0.03 * random.normal();
    const slope = 0.01 * random.normal();
    const gaps = [0, 1, 2].map((rung) => [0, 1, 2].map(() => level + slope * rung + 0.02 * random.normal()));
    const { atTarget } = scaleTrend("found", rungs(gaps), 0, 64_000, 0.95);
    if (atTarget.probabilityOfGain < 0.9) continue;
    claims++;
    if (level + slope * 3 < 0) right++;
  }
  assert.ok(claims > 100 && right / claims >= 0.9, `${right} of ${claims}`);
});
