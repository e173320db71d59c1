import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTarget, exportAll, ExportChecks, formatChecks } from "../../../pipeline/export/export-all.ts";
import { exporters } from "../../../pipeline/export/exporters.ts";
import { ConfigError } from "../../../pipeline/core/errors.ts";
import { type ExportTarget, exportTargets } from "../../../pipeline/schema/export-config.ts";
import type { Manifest } from "../../../pipeline/schema/manifest.ts";
import { makeFixture } from "../../support/search-fixture.ts";

const wholeRun = (manifest: Manifest) => () => ({ manifest, phase: null, phases: [], notes: [] });

await test("every target of the config gets its folder, and CHECKS.json says how the checks went", () => {
  const { manifest, config } = makeFixture({ domains: 3, foundWeights: [0.5, 0, 0.5] });
  const { files, checks } = exportAll(config.export, wholeRun(manifest));
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
    ],
  );
  assert.deepEqual(checks.megatron?.notes, ["domain_1 is left out: its weight is 0"]);
  assert.deepEqual(checks["hf-datasets"]?.notes, ["domain_1 is left out: its document probability is 0"]);
  const read = ExportChecks.parse(JSON.parse(formatChecks(checks)));
  assert.deepEqual(read, checks);
  for (const check of Object.values(read)) {
    assert.deepEqual([check.ok, check.problems, check.domains, check.tokenizer], [true, [], 2, "gpt2"]);
    assert(Object.values(check.files).every((sha256) => /^[0-9a-f]{64}$/.test(sha256)));
  }
});

await test("every target there is, with nothing to complain about", () => {
  const { manifest, config } = makeFixture();
  const { files, checks } = exportAll({ ...config.export, targets: [...exportTargets] }, wholeRun(manifest));
  assert.deepEqual(Object.keys(checks), Object.keys(exporters));
  for (const [target, { problems }] of Object.entries(checks)) assert.deepEqual(problems, [], target);
  assert.deepEqual(new Set(files.map(({ path }) => path.split("/")[0])), new Set(exportTargets));
});

await test("checkTarget reads the files of a target again, as they lie on disk", () => {
  const { manifest, config } = makeFixture();
  const { targets: _, tokenizers: __, ...options } = config.export;
  const files = exporters.megatron.files(manifest, options);
  assert.deepEqual(checkTarget("megatron", files, wholeRun(manifest)(), options).problems, []);
  const damaged = files.filter(({ path }) => path !== "blend.txt");
  const { ok, problems } = checkTarget("megatron", damaged, wholeRun(manifest)(), options);
  assert.deepEqual([ok, problems], [false, ["blend.txt is missing"]]);
});

await test("trainers that read the mixture off the disk take no tokenizer", () => {
  const { manifest, config } = makeFixture();
  for (const target of ["nanochat", "axolotl"] satisfies ExportTarget[]) {
    const settings = { ...config.export, targets: [target], tokenizers: { [target]: "o200k_base" } };
    assert.throws(() => exportAll(settings, wholeRun(manifest)), ConfigError);
  }
});

await test("a mixture that changes is refused by trainers whose config holds one, and says which do not", () => {
  const { manifest, config } = makeFixture();
  const phases = [0, 0.5].map((fromShare) => ({ name: `from ${fromShare}`, fromShare, manifest }));
  for (const target of exportTargets.filter((name) => name !== "nanotron" && name !== "marin")) {
    assert.throws(
      () =>
        exportAll({ ...config.export, targets: [target] }, () => ({
          manifest,
          phase: null,
          phases,
          notes: [],
        })),
      (error: ConfigError) =>
        error.message.includes(`a config of ${target} holds one`) &&
        /--phase; nanotron and marin/.test(error.hint),
    );
  }
});

await test("minWeight leaves out what is smaller, says so, and the others take it", () => {
  const { manifest, config } = makeFixture({ domains: 3, foundWeights: [0.6, 0.34375, 0.05625] });
  const settings = { ...config.export, targets: ["megatron" as const], minWeight: 0.0563 };
  assert.match(
    exportAll({ ...settings, minWeight: 0.05625 }, wholeRun(manifest)).files[0]!.text,
    /^0\.600000 \S+ 0\.343750 \S+ 0\.056250 \S+\n$/,
  );
  const { files, checks } = exportAll(settings, wholeRun(manifest));
  assert.match(files[0]!.text, /^0\.635762 \S+ 0\.364238 \S+\n$/);
  assert.deepEqual(checks.megatron!.notes, [
    "domain_2 is left out: its weight 0.05625 is below export.minWeight=0.0563",
  ]);
  assert.deepEqual(checks.megatron!.problems, []);
  assert.throws(
    () => exportAll({ ...settings, minWeight: 0.7 }, wholeRun(manifest)),
    /no domain has a share/,
  );
});
