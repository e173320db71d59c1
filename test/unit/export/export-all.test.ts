import assert from "node:assert/strict";
import { test } from "node:test";
import { checkExports } from "../../../pipeline/export/check-exports.ts";
import { exportAll } from "../../../pipeline/export/export-all.ts";
import { exporters } from "../../../pipeline/export/exporters.ts";
import { ExportConfig, exportTargets } from "../../../pipeline/schema/export-config.ts";
import { makeFixture } from "../../support/search-fixture.ts";

await test("every target of the config gets its folder, and CHECKS.json says how the checks went", () => {
  const { manifest, config } = makeFixture({ domains: 3, foundWeights: [0.5, 0, 0.5] });
  const { files, notes, problems } = exportAll(manifest, config.export);
  assert.deepEqual(
    files.map(({ path }) => path),
    [
      "megatron/blend.txt",
      "megatron/blend.json",
      "megatron/NOTES.txt",
      "hf-datasets/mixture.py",
      "olmix/mix.yaml",
      "olmo-core/mixture.yaml",
      "nanotron/data_stages.yaml",
      "dolma/mixer.yaml",
      "dolma/reshard.yaml",
      "CHECKS.json",
    ],
  );
  assert.deepEqual(problems, Object.fromEntries(config.export.targets.map((target) => [target, []])));
  assert.deepEqual(notes.slice(0, 2), [
    "megatron: domain_1 is left out: its weight is 0",
    "hf-datasets: domain_1 is left out: its document probability is 0",
  ]);
  const checks = JSON.parse(files.at(-1)!.text) as Record<string, { ok: boolean; domains: number }>;
  for (const check of Object.values(checks)) {
    assert.ok(check.ok);
    assert.equal(check.domains, 2);
  }
});

await test("every target there is, with nothing to complain about", () => {
  const { manifest, config } = makeFixture();
  const { files, problems } = exportAll(manifest, { ...config.export, targets: [...exportTargets] });
  assert.deepEqual(Object.keys(problems), Object.keys(exporters));
  for (const [target, found] of Object.entries(problems)) assert.deepEqual(found, [], target);
  assert.deepEqual(new Set(files.slice(0, -1).map(({ path }) => path.split("/")[0])), new Set(exportTargets));
});

await test("checkExports reads the files of each target again, as they lie on disk", () => {
  const { manifest, config } = makeFixture();
  const targets = ExportConfig.parse({ ...config.export, targets: ["olmix", "megatron"] });
  const { files } = exportAll(manifest, targets);
  assert.deepEqual(checkExports(files, manifest, targets), [
    { target: "olmix", problems: [] },
    { target: "megatron", problems: [] },
  ]);
  const damaged = files.filter(({ path }) => path !== "megatron/blend.txt");
  assert.deepEqual(checkExports(damaged, manifest, targets)[1], {
    target: "megatron",
    problems: ["blend.txt is missing"],
  });
});
