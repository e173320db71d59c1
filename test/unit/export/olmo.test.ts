import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "../../../pipeline/core/errors.ts";
import { olmix } from "../../../pipeline/export/olmix.ts";
import { olmoCore } from "../../../pipeline/export/olmo-core.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { makeFixture } from "../../support/search-fixture.ts";
import { exportedText, options, problemsAfter } from "./changed-export.ts";

/** The file without its comments. */
const body = (text: string) => text.replaceAll(/^#.*\n|^\n/gm, "");

/** Two domains of 0.4 and 2.00001 epochs. */
function twoDomains() {
  const { manifest } = makeFixture({ domains: 2, foundWeights: [0.25, 0.75] });
  const { targetTokens } = manifest.budget;
  Object.assign(manifest.domains[0]!, { tokens: (0.25 * targetTokens) / 0.4, epochs: 0.4 });
  Object.assign(manifest.domains[1]!, { tokens: (0.75 * targetTokens) / 2.00001, epochs: 2.00001 });
  return manifest;
}

await test("the mix of olmix, by hand", () => {
  assert.equal(
    body(exportedText(olmix, "mix.yaml", twoDomains())),
    `data:
  sources:
    - name: climb
      topics:
        - name: domain_0
          paths:
            - /data/domains/domain_0/*.npy
        - name: domain_1
          paths:
            - /data/domains/domain_1/*.npy
mix:
  climb:
    weight: 1.0
    domain_0:
      weight: 0.250000
      repetition_factor: 1.0000
    domain_1:
      weight: 0.750000
      repetition_factor: 2.0001
`,
  );
});

await test("OLMo-core's mixture, by hand", () => {
  assert.equal(
    body(exportedText(olmoCore, "mixture.yaml", twoDomains())),
    `sources:
  - source_name: domain_0
    target_ratio: 0.250000
    paths:
      - /data/domains/domain_0/*.npy
    max_repetition_ratio: 1.0000
  - source_name: domain_1
    target_ratio: 0.750000
    paths:
      - /data/domains/domain_1/*.npy
    max_repetition_ratio: 2.0001
`,
  );
});

for (const [what, change, message] of [
  ["an exponent", (text: string) => text.replace(/weight: 0\.\d+/, "weight: 1e-7"), /1e-7 as text/],
  [
    "a quoted weight",
    (text: string) => text.replace(/weight: (0\.\d+)/, 'weight: "$1"'),
    /should be a number/,
  ],
  ["a leaf without weight", (text: string) => text.replace(/ +weight: 0\.\d+\n/, ""), /olmix would take 1/],
  ["a missing factor", (text: string) => text.replace(/ +repetition_factor: .*\n/, ""), /olmix would take 1/],
  [
    "too few repetitions",
    (text: string) => text.replaceAll(/repetition_factor: .*/g, "repetition_factor: 1.0"),
    /the trainer stops/,
  ],
  [
    "a source that weighs less than 1",
    (text: string) => text.replace("weight: 1.0", "weight: 0.9"),
    /sum to/,
  ],
  ["a topic twice", (text: string) => text.replace("    domain_1:", "    domain_0:"), /unique/],
  [
    "a topic without data",
    (text: string) => text.replace("name: domain_1", "name: other"),
    /different topics/,
  ],
  ["text that is no YAML", () => "mix: [", /mix.yaml/],
] as const) {
  await test(`olmix: check sees ${what}`, () => {
    assert.match(problemsAfter(olmix, "mix.yaml", change), message);
  });
}

await test("olmix: a domain called like one of its fields is refused", () => {
  const { manifest } = makeFixture({ domains: 2 });
  manifest.domains[0]!.id = "weight";
  assert.throws(() => olmix.files(manifest, options), InputError);
});

for (const [what, change, message] of [
  // 1.0 is the default: "Insufficient tokens for source" in SourceMixtureDatasetConfig.build.
  ["no repetition limit", (text: string) => text.replaceAll(/ +max_rep.*\n/g, ""), /may be repeated 1 times/],
  [
    "too low a limit",
    (text: string) => text.replaceAll(/_ratio: [1-9].*/g, "_ratio: 1.5"),
    /the trainer stops/,
  ],
  [
    "a fraction of a source",
    (text: string) => `${text}    max_source_fraction: 0.5\n`,
    /max_source_fraction/,
  ],
  ["a ratio of 0", (text: string) => text.replace(/target_ratio: .*/, "target_ratio: 0.0"), /expected.*>0/],
  ["ratios that do not sum to 1", (text: string) => text.replace(/ratio: 0\.4/, "ratio: 0.3"), /sum to 0.9/],
  ["an exponent", (text: string) => text.replace(/target_ratio: .*/, "target_ratio: 1e-07"), /1e-07 as text/],
  [
    "another folder",
    (text: string) => text.replace("domain_0/*.npy", "domain_1/*.npy"),
    /source_name should be/,
  ],
  ["a field it does not know", (text: string) => `${text}    ratio: 0.5\n`, /ratio/],
] as const) {
  await test(`OLMo-core: check sees ${what}`, () => {
    assert.match(problemsAfter(olmoCore, "mixture.yaml", change), message);
  });
}

await test("OLMo-core builds the mixture: no source is short of tokens, whatever the shares", () => {
  const random = new Random("olmo");
  for (let run = 0; run < 50; run++) {
    const weights = [random.uniform(), random.uniform(), random.uniform()];
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const { manifest } = makeFixture({
      domains: 3,
      rounds: [4],
      foundWeights: weights.map((weight) => weight / total),
    });
    for (const { domain, share, maxEpochs } of olmoCore.read(
      olmoCore.files(manifest, options),
      manifest,
      options,
    )) {
      const { tokens } = manifest.domains.find(({ id }) => id === domain)!;
      // As source_mixture.py compares them: int() of both products.
      const needed = Math.trunc(manifest.budget.targetTokens * share);
      assert.ok(Math.trunc(tokens * maxEpochs!) >= needed);
      assert.ok(maxEpochs! <= Math.max(1, needed / tokens) + 2e-4);
    }
  }
});

await test("the repetition limits follow the share that is written, not the manifest's finer one", () => {
  const { manifest } = makeFixture({ domains: 3, foundWeights: [0.3336, 0.3335, 0.3329] });
  const coarse = { ...options, decimals: 3 };
  const [first] = olmoCore.read(olmoCore.files(manifest, coarse), manifest, coarse);
  const { epochs, weight } = manifest.domains[0]!;
  assert.equal(first!.share, 0.334);
  // 0.334 / 0.3336 of the epochs, in steps of 0.0001.
  const needed = (epochs * 0.334) / weight;
  assert.ok(first!.maxEpochs! >= needed && first!.maxEpochs! < needed + 1.1e-4);
  assert.ok(first!.maxEpochs! > epochs + 1e-4);
});
