import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { InputError } from "../../../pipeline/core/errors.ts";
import { buildManifest } from "../../../pipeline/manifest/build-manifest.ts";
import { checkManifest } from "../../../pipeline/manifest/check-manifest.ts";
import { formatManifest, manifestJsonSchema } from "../../../pipeline/manifest/format-manifest.ts";
import type { Manifest } from "../../../pipeline/schema/manifest.ts";
import { packageRoot } from "../../../stages/parts/tool-version.ts";
import { makeFixture } from "../../support/search-fixture.ts";

await test("two domains, by hand", () => {
  const fixture = makeFixture({ domains: 2, foundWeights: [0.25, 0.75] });
  const [left, right] = fixture.domains.domains;
  Object.assign(left!, { tokens: 400_000, documents: 1000 });
  Object.assign(right!, { tokens: 900_000, documents: 1000 });
  const { domains } = buildManifest({ ...fixture, search: { ...fixture.search, maxWeights: [1, 1] } });
  assert.deepEqual(
    domains.map(({ weight, meanTokens, documentProbability, epochs }) => [
      weight,
      meanTokens,
      documentProbability,
      epochs,
    ]),
    [
      // 0.25 / 400 against 0.75 / 900 is 3 against 4; epochs are weight * 2.4 M / tokens.
      [0.25, 400, 0.428571428571, 1.5],
      [0.75, 900, 0.571428571429, 2],
    ],
  );
});

await test("the fixture's manifest passes its check and keeps the cap through rounding", () => {
  const { manifest } = makeFixture();
  assert.deepEqual(checkManifest(JSON.parse(formatManifest(manifest))), []);
  assert.ok(manifest.domains.some(({ epochs }) => epochs > 3.999));
  for (const { epochs, maxEpochs } of manifest.domains) assert.ok(epochs <= maxEpochs);
  assert.equal(
    manifest.domains.reduce((sum, { weight }) => sum + weight, 0),
    1,
  );
  assert.deepEqual(Object.keys(manifest.baselines).slice(0, 3), ["found", "natural", "uniform"]);
  for (const name of ["found", "predicted-best", "best-measured"]) {
    const { predicted, selectObjective } = manifest.baselines[name]!;
    assert.ok(predicted!.interval!.low < selectObjective && selectObjective < predicted!.interval!.high);
  }
  assert.equal(manifest.search.predictor.predictor, "log-linear");
  assert.match(manifest.search.proxy, /^ngram order=3 discount=0.75/);
});

await test("equal manifests give equal bytes, whatever the order of their keys", () => {
  const { manifest } = makeFixture();
  const text = formatManifest(manifest);
  assert.ok(text.endsWith("}\n"));
  const reversed = Object.fromEntries(Object.entries(manifest).toReversed()) as Manifest;
  assert.equal(formatManifest(reversed), text);
  assert.equal(formatManifest(JSON.parse(text) as Manifest), text);
  assert.equal(formatManifest(makeFixture().manifest), text);
});

await test("a search on other domains is refused, and weight on an empty domain too", () => {
  const fixture = makeFixture({ domains: 3 });
  const other = { ...fixture.search, domains: ["domain_0", "domain_2", "domain_1"] };
  assert.throws(() => buildManifest({ ...fixture, search: other }), InputError);
  Object.assign(fixture.domains.domains[1]!, { tokens: 0, documents: 0 });
  assert.throws(() => buildManifest(fixture), /domain_1 has the weight .* but 0 documents and 0 tokens/);
});

const damages: [string, (manifest: Manifest) => void, RegExp][] = [
  ["a weight", ({ domains }) => (domains[0]!.weight += 0.001), /weights sum to/],
  ["an epoch count", ({ domains }) => (domains[0]!.epochs *= 2), /epochs=/],
  ["a cap", ({ domains }) => (domains[3]!.maxEpochs = 1), /should be <= maxEpochs=1/],
  ["an id", ({ domains }) => (domains[1]!.id = domains[0]!.id), /two domains have this id/],
  ["a probability", ({ domains }) => (domains[0]!.documentProbability += 1e-6), /documentProbability/],
  ["a natural share", ({ domains }) => (domains[0]!.naturalShare += 0.01), /natural shares/],
  ["a mean", ({ domains }) => (domains[0]!.meanTokens += 1), /meanTokens/],
  ["bytes per token", ({ tokenizer }) => (tokenizer.bytesPerToken *= 1.001), /bytesPerToken/],
  ["the claim", ({ verdict }) => (verdict.claim = "loss"), /says gain, not loss/],
  ["a baseline", ({ baselines }) => baselines["found"]!.weights.pop(), /weights for 14 domains/],
  [
    "a source's share",
    ({ domains }) => (domains[0]!.sources!["brown"] = 0.4),
    /sources' shares sum to 0\.8999/,
  ],
  [
    "a prediction",
    ({ baselines }) => (baselines["found"]!.predicted!.objective += 1),
    /found: predicted=.* lies outside/,
  ],
  ["the natural baseline", ({ baselines }) => delete baselines["natural"], /natural is missing/],
  ["the version", (manifest) => Object.assign(manifest, { schemaVersion: 1 }), /schemaVersion/],
];

for (const [what, damage, message] of damages) {
  await test(`checkManifest sees a change to ${what}`, () => {
    const { manifest } = makeFixture();
    damage(manifest);
    const problems = checkManifest(manifest);
    assert.ok(
      problems.some((problem) => message.test(problem)),
      problems.join("\n"),
    );
  });
}

await test("the JSON Schema names every field and what a weight is", () => {
  const schema = manifestJsonSchema() as { required: string[]; properties: Record<string, unknown> };
  assert.deepEqual(schema.required, Object.keys(makeFixture().manifest));
  assert.match(JSON.stringify(schema.properties["domains"]), /Token share in the mixture/);
});

await test("another program's validator takes manifests by the committed schema, and refuses others", async () => {
  const schema = JSON.parse(
    await readFile(join(packageRoot, "configs", "manifest.schema.json"), "utf8"),
  ) as object;
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
  const { manifest } = makeFixture();
  assert.ok(validate(JSON.parse(formatManifest(manifest))), JSON.stringify(validate.errors));
  const refused = (change: (manifest: Manifest) => void): string => {
    const changed = structuredClone(manifest);
    change(changed);
    assert.equal(validate(changed), false);
    return validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`).join("\n");
  };
  assert.match(
    refused(({ domains }) => Reflect.deleteProperty(domains[0]!, "weight")),
    /weight/,
  );
  assert.match(
    refused(({ domains }) => Object.assign(domains[1]!, { weigth: 0.5 })),
    /additional/,
  );
  assert.match(
    refused(({ tokenizer }) => Object.assign(tokenizer, { vocabularySize: "50257" })),
    /vocabularySize must be integer/,
  );
  assert.match(
    refused((whole) => Object.assign(whole, { schemaVersion: 1 })),
    /schemaVersion/,
  );
});
