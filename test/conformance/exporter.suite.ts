/** What holds for every exporter, whatever its trainer reads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigError, InputError } from "../../pipeline/core/errors.ts";
import { checkExport } from "../../pipeline/export/check-export.ts";
import type { Exporter, ExportFile } from "../../pipeline/export/exporter.ts";
import { exporters } from "../../pipeline/export/exporters.ts";
import type { Manifest } from "../../pipeline/schema/manifest.ts";
import { makeFixture } from "../support/search-fixture.ts";

const options = {
  dataRoot: "/data/domains",
  decimals: 6,
  sequenceTokens: 2048,
  batchTokens: null,
  minWeight: 0,
};

export async function exporterSuite(exporter: Exporter): Promise<void> {
  const { manifest } = makeFixture();
  const check = (files: readonly ExportFile[], of = manifest, settings = options) =>
    checkExport(exporter, files, of, settings);
  const domains = (files: readonly ExportFile[], of: Manifest, settings = options) =>
    exporter.read(files, of, settings).map(({ domain }) => domain);

  await test(`${exporter.name}: is listed under its name`, () => {
    assert.equal(exporters[exporter.name], exporter);
  });

  await test(`${exporter.name}: reads back as the manifest, without zeros, summing to exactly 1`, () => {
    const shares = exporter.read(exporter.files(manifest, options), manifest, options);
    assert.deepEqual(
      shares.map(({ domain }) => domain),
      manifest.domains.map(({ id }) => id),
    );
    for (const { share } of shares) assert.ok(share > 0);
    assertNear(shares, manifest, exporter);
    assert.equal(
      shares.reduce((sum, { share }) => sum + Math.round(share * 1e15), 0),
      1e15,
    );
  });

  await test(`${exporter.name}: passes its own check, and gives the same bytes again`, () => {
    const files = exporter.files(manifest, options);
    assert.deepEqual(check(files), []);
    assert.deepEqual(exporter.files(makeFixture().manifest, options), files);
    for (const { text } of files) assert.ok(text.endsWith("\n"));
  });

  await test(`${exporter.name}: a domain of weight 0 is left out and named`, () => {
    const { manifest } = makeFixture({ domains: 3, foundWeights: [0.5, 0, 0.5] });
    const files = exporter.files(manifest, options);
    assert.deepEqual(domains(files, manifest), ["domain_0", "domain_2"]);
    assert.deepEqual(check(files, manifest), []);
    assert.ok(files.some(({ text }) => /domain_1 is left out: its .* is 0/.test(text)));
  });

  await test(`${exporter.name}: a tiny weight survives, or is left out and named`, () => {
    const { manifest } = makeFixture({ domains: 3, foundWeights: [0.6, 0.3999, 0.0001] });
    assert.equal(domains(exporter.files(manifest, options), manifest).length, 3);
    // Too small for 3 decimals, and the next for steps of 2^-15.
    const [coarse, tiny] =
      exporter.steps === undefined
        ? [{ ...options, decimals: 3 }, manifest]
        : [options, makeFixture({ domains: 3, foundWeights: [0.6, 0.39999, 0.00001] }).manifest];
    const files = exporter.files(tiny, coarse);
    assert.equal(domains(files, tiny, coarse).length, 2);
    assert.deepEqual(check(files, tiny, coarse), []);
    assert.ok(files.some(({ text }) => /domain_2 is left out: its .* rounds to 0 (at|in)/.test(text)));
  });

  await test(`${exporter.name}: one domain alone`, () => {
    const { manifest } = makeFixture({ domains: 2, foundWeights: [0, 1] });
    const files = exporter.files(manifest, options);
    assert.deepEqual(
      exporter.read(files, manifest, options).map(({ share }) => share),
      [1],
    );
    assert.deepEqual(check(files, manifest), []);
  });

  await test(`${exporter.name}: never writes an exponent`, () => {
    const weights = [1 - 3e-7, 2e-7, 1e-7];
    const { manifest } = makeFixture({
      domains: 3,
      foundWeights: weights,
      config: { export: { decimals: 9 } },
    });
    const fine = { ...options, decimals: 9 };
    const files = exporter.files(manifest, fine);
    assert.equal(domains(files, manifest, fine).length, exporter.steps === undefined ? 3 : 1);
    assert.deepEqual(check(files, manifest, fine), []);
    // A person may read "its weight 1e-7 rounds to 0"; a trainer reads no comments.
    for (const { path, text } of files) {
      if (path !== "NOTES.txt") assert.doesNotMatch(text.replaceAll(/#.*/g, ""), /\d[eE][-+]?\d/);
    }
  });

  await test(`${exporter.name}: hostile names stay in comments`, () => {
    const { manifest } = makeFixture({ domains: 2, rounds: [4] });
    manifest.domains[0]!.name = 'x"""\n# }\nimport os  # 0.5 /etc: {weight: 1}\u2028\u0000\uFFFF\uD800 \\';
    const files = exporter.files(manifest, options);
    assert.deepEqual(check(files, manifest), []);
  });

  await test(`${exporter.name}: ids that YAML, Python or a shell might take otherwise`, () => {
    for (const id of [
      "no",
      "1e5",
      "008",
      "0x1F",
      "2024-01-01",
      "1.5",
      "null",
      "__proto",
      "a-b",
      "EOF",
      "cat",
    ]) {
      const { manifest } = makeFixture({ domains: 2, rounds: [4] });
      manifest.domains[0]!.id = id;
      const files = exporter.files(manifest, options);
      assert.deepEqual(check(files, manifest), [], id);
      assert.deepEqual(domains(files, manifest).toSorted(), [id, "domain_1"].toSorted());
    }
  });

  await test(`${exporter.name}: paths that are not taken literally and ids that are no file names are refused`, () => {
    for (const dataRoot of ["/my data", "/$HOME/data", "~/data", "/data/*", "/data/{a,b}"]) {
      assert.throws(() => exporter.files(manifest, { ...options, dataRoot }), ConfigError);
    }
    for (const id of ["../domain 1", "..", "a/b", ""]) {
      const { manifest: hostile } = makeFixture({ domains: 2, rounds: [4] });
      hostile.domains[1]!.id = id;
      assert.throws(() => exporter.files(hostile, options), InputError);
    }
  });

  await test(`${exporter.name}: check sees a changed, foreign and missing domain, and missing files`, () => {
    const files = exporter.files(manifest, options);
    const problems = (change: (text: string) => string) =>
      check(files.map(({ path, text }) => ({ path, text: change(text) })));
    const changed = problems((text) =>
      text.replace(/(?<=\D)[01]\.\d{5,}/, (share) => {
        const other = Number(share) > 0.5 ? Number(share) - 0.001 : Number(share) + 0.001;
        return other.toFixed(share.length - 2);
      }),
    );
    assert.notDeepEqual(changed, []);
    const renamed = problems((text) => text.replaceAll(/domain_1(?!\d)/g, "elsewhere")).join("\n");
    assert.match(renamed, /elsewhere should not be there/);
    assert.match(renamed, /domain_1 is missing/);
    for (const { path } of files.filter(({ path }) => path !== "NOTES.txt")) {
      const rest = files.filter((file) => file.path !== path);
      assert.deepEqual(check(rest), [`${path} is missing`]);
    }
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
        const settings = { ...options, decimals };
        assert.deepEqual(check(exporter.files(manifest, settings), manifest, settings), []);
      }),
      { seed: 2, numRuns: 25 },
    );
  });
}

/** Shares in the exporter's unit, turned back into token shares where they are of documents. */
function assertNear(
  shares: readonly { domain: string; share: number }[],
  { domains }: Manifest,
  { unit, steps = Infinity }: Exporter,
): void {
  const byId = new Map(domains.map((domain) => [domain.id, domain]));
  const tokens = shares.map(({ domain, share }) =>
    unit === "tokens" ? share : share * byId.get(domain)!.meanTokens,
  );
  const total = tokens.reduce((sum, value) => sum + value, 0);
  for (const [i, { domain }] of shares.entries()) {
    assert.ok(Math.abs(tokens[i]! / total - byId.get(domain)!.weight) < 2e-5 + 1 / steps);
  }
}
