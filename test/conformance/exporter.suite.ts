/** What holds for every exporter, whatever its trainer reads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigError, InputError } from "../../pipeline/core/errors.ts";
import type { Exporter, ExportFile } from "../../pipeline/export/exporter.ts";
import type { Manifest } from "../../pipeline/schema/manifest.ts";
import { makeFixture } from "../support/search-fixture.ts";

const options = { dataRoot: "/data/domains", decimals: 6 };

export async function exporterSuite(exporter: Exporter): Promise<void> {
  const { manifest } = makeFixture();

  await test(`${exporter.name}: reads back as the manifest, without zeros, summing to exactly 1`, () => {
    const shares = exporter.read(exporter.files(manifest, options));
    assert.deepEqual(
      shares.map(({ domain }) => domain),
      manifest.domains.map(({ id }) => id),
    );
    for (const { share, unit } of shares) {
      assert.equal(unit, exporter.unit);
      assert.ok(share > 0);
    }
    assertNear(shares, manifest, exporter);
    assert.equal(
      shares.reduce((sum, { share }) => sum + Math.round(share * 1e6), 0),
      1e6,
    );
  });

  await test(`${exporter.name}: passes its own check, and gives the same bytes again`, () => {
    const files = exporter.files(manifest, options);
    assert.deepEqual(exporter.check(files, manifest, options), []);
    assert.deepEqual(exporter.files(makeFixture().manifest, options), files);
    for (const { text } of files) assert.ok(text.endsWith("\n"));
  });

  await test(`${exporter.name}: a domain of weight 0 is left out and named`, () => {
    const { manifest } = makeFixture({ domains: 3, foundWeights: [0.5, 0, 0.5] });
    const files = exporter.files(manifest, options);
    assert.deepEqual(
      exporter.read(files).map(({ domain }) => domain),
      ["domain_0", "domain_2"],
    );
    assert.deepEqual(exporter.check(files, manifest, options), []);
    assert.ok(files.some(({ text }) => /domain_1 is left out: its .* is 0/.test(text)));
  });

  await test(`${exporter.name}: a tiny weight survives, or is left out and named`, () => {
    const { manifest } = makeFixture({ domains: 3, foundWeights: [0.6, 0.3999, 0.0001] });
    assert.equal(exporter.read(exporter.files(manifest, options)).length, 3);
    const coarse = { ...options, decimals: 3 };
    const files = exporter.files(manifest, coarse);
    assert.equal(exporter.read(files).length, 2);
    assert.deepEqual(exporter.check(files, manifest, coarse), []);
    assert.ok(files.some(({ text }) => /domain_2 is left out: its .* rounds to 0 at 3 decimals/.test(text)));
  });

  await test(`${exporter.name}: never writes an exponent`, () => {
    const weights = [1 - 3e-7, 2e-7, 1e-7];
    const { manifest } = makeFixture({
      domains: 3,
      foundWeights: weights,
      config: { export: { decimals: 9 } },
    });
    const files = exporter.files(manifest, { ...options, decimals: 9 });
    assert.equal(exporter.read(files).length, 3);
    for (const { text } of files) assert.doesNotMatch(text, /\d[eE][-+]?\d/);
  });

  await test(`${exporter.name}: hostile names stay in comments`, () => {
    const { manifest } = makeFixture({ domains: 2 });
    manifest.domains[0]!.name = 'x"""\n# }\nimport os  # 0.5 /etc: {weight: 1}\u2028\u0000';
    const files = exporter.files(manifest, options);
    assert.deepEqual(exporter.check(files, manifest, options), []);
  });

  await test(`${exporter.name}: paths with white space and ids that are no file names are refused`, () => {
    assert.throws(() => exporter.files(manifest, { ...options, dataRoot: "/my data" }), ConfigError);
    const { manifest: hostile } = makeFixture({ domains: 2 });
    hostile.domains[1]!.id = "../domain 1";
    assert.throws(() => exporter.files(hostile, options), InputError);
  });

  await test(`${exporter.name}: check sees a changed, doubled, missing and foreign domain`, () => {
    const files = exporter.files(manifest, options);
    const problems = (change: (text: string) => string) =>
      exporter.check(edit(files, change), manifest, options);
    const [first] = exporter.read(files);
    const share = first!.share.toFixed(6);
    assert.notDeepEqual(
      problems((text) => text.replace(share, (first!.share + 0.001).toFixed(6))),
      [],
    );
    assert.match(problems((text) => text.replaceAll(/domain_1(?!\d)/g, "elsewhere")).join("\n"), /elsewhere/);
    assert.match(
      problems((text) => text.replaceAll(/domain_1(?!\d)/g, "elsewhere")).join("\n"),
      /domain_1 is missing/,
    );
    assert.notDeepEqual(exporter.check([], manifest, options), []);
  });

  await test(`${exporter.name}: any mixture reads back within rounding`, () => {
    const weights = fc
      .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
      .filter((values) => values.some((value) => value > 0.01));
    fc.assert(
      fc.property(weights, fc.integer({ min: 3, max: 12 }), (values, decimals) => {
        const total = values.reduce((sum, value) => sum + value, 0);
        const { manifest } = makeFixture({
          domains: 4,
          rounds: [4],
          foundWeights: values.map((value) => value / total),
          config: { export: { decimals } },
        });
        const files = exporter.files(manifest, { ...options, decimals });
        assert.deepEqual(exporter.check(files, manifest, { ...options, decimals }), []);
      }),
      { seed: 2, numRuns: 40 },
    );
  });
}

/** Shares in the exporter's unit, turned back into token shares where they are of documents. */
function assertNear(
  shares: readonly { domain: string; share: number }[],
  { domains }: Manifest,
  { unit }: Exporter,
): void {
  const byId = new Map(domains.map((domain) => [domain.id, domain]));
  const tokens = shares.map(({ domain, share }) =>
    unit === "tokens" ? share : share * byId.get(domain)!.meanTokens,
  );
  const total = tokens.reduce((sum, value) => sum + value, 0);
  for (const [i, { domain }] of shares.entries()) {
    assert.ok(Math.abs(tokens[i]! / total - byId.get(domain)!.weight) < 2e-5);
  }
}

function edit(files: readonly ExportFile[], change: (text: string) => string): ExportFile[] {
  return files.map(({ path, text }) => ({ path, text: change(text) }));
}
