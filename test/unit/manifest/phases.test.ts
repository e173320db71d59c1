import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkManifest } from "../../../pipeline/manifest/check-manifest.ts";
import { checkPhases } from "../../../pipeline/manifest/check-phases.ts";
import { manifestJsonSchema } from "../../../pipeline/manifest/format-manifest.ts";
import type { ManifestPhase } from "../../../pipeline/schema/manifest.ts";
import { packageRoot } from "../../../stages/parts/tool-version.ts";
import { makeFixture } from "../../support/search-fixture.ts";

const main: ManifestPhase = { name: "main", fromShare: 0, toShare: 0.75, weights: [0.2, 0.8] };
const anneal: ManifestPhase = { name: "anneal", fromShare: 0.75, toShare: 1, weights: [0.6, 0.4] };

/** 0.75 * 0.2 + 0.25 * 0.6 = 0.3. */
function problems(phases: ManifestPhase[], weights = [0.3, 0.7]): string[] {
  const { domains } = makeFixture({ domains: 2 }).manifest;
  return checkPhases({ domains: domains.map((domain, i) => ({ ...domain, weight: weights[i]! })), phases });
}

await test("two phases by hand: three quarters main, one quarter anneal", () => {
  assert.deepEqual(problems([main, anneal]), []);
  assert.deepEqual(problems([]), []);
});

const damages: [string, ManifestPhase[], RegExp][] = [
  ["a gap", [main, { ...anneal, fromShare: 0.8 }], /anneal: fromShare=0.8 should be 0.75/],
  ["an early end", [main], /ends at 0.75, not at 1/],
  ["a phase backwards", [main, { ...anneal, toShare: 0.7 }], /toShare=0.7 should be > fromShare=0.75/],
  ["a missing weight", [main, { ...anneal, weights: [1] }], /1 weights for 2 domains/],
  ["a sum below 1", [main, { ...anneal, weights: [0.6, 0.39] }], /do not sum to exactly 1/],
  ["a negative weight", [main, { ...anneal, weights: [1.5, -0.5] }], /-0.5 is negative/],
  ["a name twice", [main, { ...anneal, name: "main" }], /two phases have this name/],
  ["another mean", [main, { ...anneal, weights: [0.5, 0.5] }], /domain_0: weight=0.3 should be .* 0.275/],
];

for (const [what, phases, message] of damages) {
  await test(`checkPhases sees ${what}`, () => {
    assert.match(problems(phases).join("\n"), message);
  });
}

await test("a manifest has one phase, main, and one written before phases is still read", () => {
  const { manifest } = makeFixture();
  assert.deepEqual(manifest.phases, [
    { name: "main", fromShare: 0, toShare: 1, weights: manifest.domains.map(({ weight }) => weight) },
  ]);
  const { phases: _, ...older } = manifest;
  assert.deepEqual(checkManifest(older), []);
});

await test("configs/manifest.schema.json is what the schema says (npm run schema)", async () => {
  const committed: unknown = JSON.parse(
    await readFile(join(packageRoot, "configs", "manifest.schema.json"), "utf8"),
  );
  assert.deepEqual(committed, JSON.parse(JSON.stringify(manifestJsonSchema())));
});
