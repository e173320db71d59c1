import assert from "node:assert/strict";
import { test } from "node:test";
import { exportAll } from "../../../pipeline/export/export-all.ts";
import { makeFixture } from "../../support/search-fixture.ts";

await test("every target of the config gets its folder, and CHECKS.json says how the checks went", () => {
  const { manifest, config } = makeFixture({ domains: 3, foundWeights: [0.5, 0, 0.5] });
  const { files, notes, problems } = exportAll(manifest, config.export);
  assert.deepEqual(
    files.map(({ path }) => path),
    ["megatron/blend.txt", "megatron/NOTES.txt", "hf-datasets/mixture.py", "olmix/mix.yaml", "CHECKS.json"],
  );
  assert.deepEqual(problems, { megatron: [], "hf-datasets": [], olmix: [] });
  assert.deepEqual(notes, [
    "megatron: domain_1 is left out: its weight is 0",
    "hf-datasets: domain_1 is left out: its document probability is 0",
    "olmix: domain_1 is left out: its weight is 0",
  ]);
  const checks = JSON.parse(files.at(-1)!.text) as Record<string, { ok: boolean; domains: number }>;
  for (const check of Object.values(checks)) {
    assert.ok(check.ok);
    assert.equal(check.domains, 2);
  }
});

await test("only the targets asked for", () => {
  const { manifest, config } = makeFixture();
  const { problems } = exportAll(manifest, { ...config.export, targets: ["olmix"] });
  assert.deepEqual(problems, { olmix: [] });
});
