import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../../pipeline/core/errors.ts";
import { checkManifest } from "../../../pipeline/manifest/check-manifest.ts";
import { mixtureOfPhase, recountMixture } from "../../../pipeline/manifest/mixture-views.ts";
import { makeFixture } from "../../support/search-fixture.ts";

const other = { name: "other", sha256: "", vocabularySize: 1000 };

/** Two domains of 600,000 and 400,000 tokens, half and half of 500,000, repeated at most `maxEpochs` times. */
function half(maxEpochs = 4) {
  const { manifest } = makeFixture({ domains: 2, rounds: [4], foundWeights: [0.5, 0.5] });
  const { budget } = manifest;
  const domains = manifest.domains.map((domain, i) => {
    const tokens = [600_000, 400_000][i]!;
    return { ...domain, tokens, documents: 1000, meanTokens: tokens / 1000, maxEpochs };
  });
  return { ...manifest, budget: { ...budget, targetTokens: 500_000, maxEpochs }, domains };
}

await test("the same text in another tokenizer's tokens, worked by hand", () => {
  // Twice the tokens in the first domain, as many in the second: 1/2 * 2 to 1/2 * 1.
  const { manifest, notes } = recountMixture(half(), { tokenizer: other, tokens: [1_200_000, 400_000] }, 6);
  assert.deepEqual(
    manifest.domains.map(({ weight }) => weight),
    [0.666667, 0.333333],
  );
  const [first, second] = manifest.domains;
  assert.deepEqual([first!.tokens, first!.meanTokens, first!.naturalShare], [1_200_000, 1200, 0.75]);
  // Of 500,000 such tokens.
  assert.ok(Math.abs(first!.epochs - 0.666667 / 2.4) < 1e-12);
  assert.ok(Math.abs(second!.epochs - 0.333333 / 0.8) < 1e-12);
  // As many documents of each as before: 0.5 / 600 to 0.5 / 400.
  assert.ok(Math.abs(first!.documentProbability - 0.4) < 1e-6);
  assert.equal(manifest.tokenizer.name, "other");
  assert.deepEqual(notes, []);
});

await test("a domain that another tokenizer takes over its cap is held there", () => {
  // Half the tokens in the second domain: 2/3 and 1/3 would be, but 200,000 tokens, once, are 0.4 * 500,000.
  const before = half(0.5);
  const held = recountMixture(before, { tokenizer: other, tokens: [1_200_000, 200_000] }, 6).manifest;
  assert.deepEqual(
    held.domains.map(({ weight, epochs }) => [weight, Number(epochs.toFixed(6))]),
    [
      [0.8, 0.333333],
      [0.2, 0.5],
    ],
  );
  const { manifest, notes } = recountMixture(before, { tokenizer: other, tokens: [300_000, 200_000] }, 6);
  assert.match(notes[0]!, /cannot fill 500000 tokens within maxEpochs: up to 1\.\d\d epochs/);
  assert.equal(
    manifest.domains.reduce((sum, { weight }) => sum + weight, 0),
    1,
  );
});

await test("the same counts change nothing but the rounding; what has no weight gets none", () => {
  const { manifest } = makeFixture();
  const tokens = manifest.domains.map((domain) => domain.tokens);
  const same = recountMixture(manifest, { tokenizer: manifest.tokenizer, tokens }, 6).manifest;
  for (const [i, { weight }] of same.domains.entries()) {
    assert.ok(Math.abs(weight - manifest.domains[i]!.weight) < 2e-6);
  }
  assert.deepEqual(checkManifest({ ...same, phases: [] }), []);
  const { manifest: three } = makeFixture({ domains: 3, foundWeights: [0.7, 0, 0.3] });
  const counts = { tokenizer: other, tokens: [1000, 2000, 3000] };
  assert.equal(recountMixture(three, counts, 6).manifest.domains[1]!.weight, 0);
});

await test("a phase has its own weights, budget and epochs", () => {
  const { manifest } = makeFixture({ domains: 2, rounds: [4], foundWeights: [0.5, 0.5] });
  const phases = [
    { name: "main", fromShare: 0, toShare: 0.8, weights: [0.4, 0.6] },
    { name: "anneal", fromShare: 0.8, toShare: 1, weights: [0.9, 0.1] },
  ];
  const anneal = mixtureOfPhase({ ...manifest, phases }, "anneal");
  assert.equal(anneal.budget.targetTokens, Math.round(0.2 * manifest.budget.targetTokens));
  assert.deepEqual(
    anneal.domains.map(({ weight }) => weight),
    [0.9, 0.1],
  );
  assert.deepEqual(checkManifest(anneal), []);
  assert.throws(() => mixtureOfPhase({ ...manifest, phases }, "last"), ConfigError);
});
