/** `climb export` of a finished run: every target, checked as it lies on disk, and what the checks see. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { ExportChecks } from "../../pipeline/export/export-all.ts";
import { exportTargets } from "../../pipeline/schema/export-config.ts";
import { Manifest } from "../../pipeline/schema/manifest.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { climbScript, prepareFinishedRun, runClimb } from "../support/tiny-run.ts";

const run = join("data", "runs", "tiny");

await test("one run goes to every trainer, counted by any tokenizer, and a check sees what was edited", () =>
  withTempDir(async (dir) => {
    await prepareFinishedRun(dir);
    const dataRoot = join(dir, "train");
    const ran = await runClimb(dir, "export", "tiny.yaml", "--target", "megatron", "--check", "--json");
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /megatron +ok/);
    assert.equal((JSON.parse(ran.stdout) as { runDir: string }).runDir, join(dir, run));
    const checked = async (...args: string[]) => {
      const { code, stdout, stderr } = await runClimb(dir, "export", run, "--check", "--json", ...args);
      const checks = ExportChecks.parse((JSON.parse(stdout) as { checks: unknown }).checks);
      return { code, stderr, checks };
    };

    const all = await checked("--target", "all", "--data-root", dataRoot);
    assert.equal(all.code, 0, all.stderr);
    assert.deepEqual(Object.keys(all.checks), exportTargets);
    assert.deepEqual(
      (await readdir(join(dir, run, "exports"))).toSorted(),
      ["CHECKS.json", ...exportTargets].toSorted(),
    );
    assert.match(
      await readFile(join(dir, run, "exports", "megatron", "blend.txt"), "utf8"),
      /\/train\/domain_/,
    );

    // The mixture of a trainer that has no weights is written by its own script, and then checked too.
    assert.match(all.checks.nanochat!.notes.join("\n"), /no mixture in .*mixture-nanochat here yet/);
    const script = await readFile(join(dir, run, "exports", "nanochat", "materialize.sh"), "utf8");
    const here = join(dir, run, "exports", "nanochat", "here.sh");
    await writeFile(here, script.replace("npx climb", `${process.execPath} ${climbScript}`));
    execFileSync("sh", [here, run], { cwd: dir, stdio: "pipe" });
    await writeFile(here, "");
    const written = await checked("--target", "nanochat");
    assert.equal(written.code, 0, written.stderr);
    assert.doesNotMatch(written.checks.nanochat!.notes.join("\n"), /no mixture/);
    const shards = (await readdir(join(dataRoot, "mixture-nanochat"))).filter((name) =>
      name.endsWith(".parquet"),
    );
    assert.ok(shards.length >= 2);
    const shard = join(dataRoot, "mixture-nanochat", shards[0]!);
    const parquet = await readFile(shard);
    await writeFile(shard, "");
    assert.match((await checked("--target", "nanochat")).stderr, /shard_00000\.parquet: 0 bytes instead of/);
    await writeFile(shard, parquet);

    // Another tokenizer: the same text, other shares, counted once.
    const recounted = await checked("--target", "megatron,olmix", "--tokenizer", "o200k_base");
    assert.equal(recounted.code, 0, recounted.stderr);
    assert.equal(recounted.checks.megatron!.tokenizer, "o200k_base");
    const manifest = Manifest.parse(JSON.parse(await readFile(join(dir, run, "mixture.json"), "utf8")));
    const blend = (await readFile(join(dir, run, "exports", "megatron", "blend.txt"), "utf8")).split(" ");
    assert.notEqual(Number(blend[0]), manifest.domains.find(({ weight }) => weight > 0)!.weight);
    const again = await checked();
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /reused recount-/);
    assert.equal((await runClimb(dir, "verify", run)).code, 0);

    // Any tokenizer.json will do; where it lies is in no file.
    const folder = join(packageRoot, "data", "models", "word-vectors");
    const ours = await checked("--target", "olmo-core", "--tokenizer", folder);
    assert.equal(ours.code, 0, ours.stderr);
    assert.equal(ours.checks["olmo-core"]!.tokenizer, "word-vectors");
    const nowhere = await runClimb(dir, "export", run, "--target", "olmix", "--tokenizer", "train");
    assert.equal(nowhere.code, 3, nowhere.stderr);
    assert.match(nowhere.stderr, /has no file .*tokenizer\.json/);

    const path = join(dir, run, "exports", "olmix", "mix.yaml");
    await writeFile(path, (await readFile(path, "utf8")).replace(/^( +)domain_\d+:/m, "$1elsewhere:"));
    const edited = await checked("--target", "olmix");
    assert.equal(edited.code, 5);
    assert.match(edited.stderr, /olmix: mix\.yaml: data and mix name different topics/);
    assert.equal((await runClimb(dir, "verify", run)).code, 3);
    assert.equal((await runClimb(dir, "export", run, "--target", "olmix", "--quiet")).code, 0);
    assert.equal((await checked("--target", "olmix")).code, 0);

    // Phases that somebody wrote into the manifest: all of them for who takes them, one by name for the others.
    const { weights } = manifest.phases[0]!;
    const phases = [
      { name: "main", fromShare: 0, toShare: 0.9, weights },
      { name: "anneal", fromShare: 0.9, toShare: 1, weights },
    ];
    const phased = join(dir, "phased.json");
    await writeFile(phased, JSON.stringify({ ...manifest, phases }));
    const exported = (...args: string[]) =>
      runClimb(dir, "export", "phased.json", "--out", "phased", "--check", ...args);
    const staged = await exported("--target", "nanotron", "--batch-tokens", "4096");
    assert.equal(staged.code, 0, staged.stderr);
    assert.match(
      await readFile(join(dir, "phased", "nanotron", "data_stages.yaml"), "utf8"),
      /name: anneal\n +start_training_step: 14\n/,
    );
    assert.equal((await exported()).code, 0);
    const refusal = await exported("--target", "olmo-core");
    assert.equal(refusal.code, 2);
    assert.match(refusal.stderr, /olmo-core holds one mixture\nhint: name one of its phases with --phase/);
    assert.equal((await exported("--target", "olmo-core", "--phase", "anneal")).code, 0);

    for (const [args, message] of [
      [["--target", "megatrom"], /'megatrom' is no target/],
      [["--target", "axolotl", "--tokenizer", "o200k_base"], /tokenizers\.axolotl has no effect/],
      [["--target", "megatron", "--phase", "anneal"], /no phase 'anneal'/],
      [["--target", "megatron", "--data-root", "/my data"], /not read as part of a path/],
      [["--target", "megatron", "--data-root", ""], /at dataRoot/],
      [["--target", "megatron", "--min-weight", "0.2"], /from 0 to 0\.1/],
    ] as const) {
      const refused = await runClimb(dir, "export", run, ...args);
      assert.equal(refused.code, 2, refused.stderr);
      assert.match(refused.stderr, message);
    }
  }));
