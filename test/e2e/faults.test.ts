/** Every documented failure: its exit code, an error that names file and remedy, and nothing half-made. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import { withTempDir } from "../support/temp-dir.ts";
import { finish, prepareTinyRun, runClimb, startClimb } from "../support/tiny-run.ts";

async function skipped(dir: string): Promise<{ file: string; line: number; reason: string }[]> {
  const artifacts = await readdir(join(dir, "data", "artifacts"));
  const logs = await Promise.all(
    artifacts
      .filter((name) => name.startsWith("ingest-"))
      .map((name) => readFile(join(dir, "data", "artifacts", name, "skipped.jsonl"), "utf8").catch(() => "")),
  );
  return logs
    .join("")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { file: string; line: number; reason: string });
}

/** Folders that a later run would take for finished work. */
async function artifacts(dir: string): Promise<string[]> {
  const names = await readdir(join(dir, "data", "artifacts")).catch(() => []);
  return names.filter((name) => /-[0-9a-f]{12}$/.test(name));
}

await test("records that are not documents are skipped, counted and logged with file and line", () =>
  withTempDir(async (dir) => {
    await prepareTinyRun(dir);
    const fiction = join(dir, "corpus", "fiction.jsonl");
    const lines = (await readFile(fiction, "utf8")).split("\n").length - 1;
    await appendFile(
      fiction,
      Buffer.from('{"text": "caf\xe9 and more"}\n{"no": "text"}\n[1]\n{"text": ""}\n', "latin1"),
    );
    await appendFile(fiction, '{"text": "cut in the mid');
    await writeFile(join(dir, "corpus", "docs", "empty.md"), "");
    const { code, stdout, stderr } = await runClimb(dir, "ingest", "tiny.yaml");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /skipped: .*1 invalid-utf8/);
    const log = await skipped(dir);
    const found = log
      .filter(({ file }) => file.endsWith("fiction.jsonl"))
      .map(({ line, reason }) => [line - lines, reason])
      .sort(([left], [right]) => Number(left) - Number(right));
    assert.deepEqual(found, [
      [1, "invalid-utf8"],
      [2, "missing-text"],
      [3, "not-an-object"],
      [4, "empty-text"],
      [5, "invalid-json"],
    ]);
    assert(log.some(({ file, reason }) => file.endsWith("empty.md") && reason === "empty-file"));
  }));

await test("a Parquet file cut in half stops the run by name, or is skipped when the config says so", () =>
  withTempDir(async (dir) => {
    await prepareTinyRun(dir);
    const path = join(dir, "corpus", "half.parquet");
    const connection = await (await DuckDBInstance.create()).connect();
    await connection.run(
      `COPY (SELECT repeat('word ' || i || ' ', 40) AS text FROM range(5000) t(i)) TO '${path}'`,
    );
    connection.closeSync();
    await truncate(path, Math.floor((await stat(path)).size / 2));
    const config = (await readFile(join(dir, "tiny.yaml"), "utf8")).replace(
      "sources:",
      "sources:\n    - { name: half, files: corpus/half.parquet }",
    );
    await writeFile(join(dir, "tiny.yaml"), config);
    const stopped = await runClimb(dir, "ingest", "tiny.yaml");
    assert.equal(stopped.code, 3, stopped.stderr);
    assert.match(stopped.stderr, /half\.parquet/);
    assert.match(stopped.stderr, /hint: .*onBadFile/);
    assert.deepEqual(await artifacts(dir), []);
    const skipping = await runClimb(dir, "ingest", "tiny.yaml", "corpus.onBadFile=skip");
    assert.equal(skipping.code, 0, skipping.stderr);
    assert(
      (await skipped(dir)).some(({ file, reason }) => file.endsWith("half.parquet") && reason === "bad-file"),
    );
  }));

await test("a missing target, a typo in the config and a wrong flag say so", () =>
  withTempDir(async (dir) => {
    await prepareTinyRun(dir);
    const typo = await runClimb(dir, "run", "tiny.yaml", "cluster.clustres=3");
    assert.equal(typo.code, 2);
    assert.match(typo.stderr, /unknown key 'cluster\.clustres'; did you mean 'clusters'\?/);
    const flag = await runClimb(dir, "run", "tiny.yaml", "--dryrun");
    assert.equal(flag.code, 2);
    await rm(join(dir, "target.jsonl"));
    const missing = await runClimb(dir, "run", "tiny.yaml");
    assert.equal(missing.code, 3, missing.stderr);
    assert.match(missing.stderr, /target\.jsonl/);
    assert.match(missing.stderr, /hint: /);
    assert.deepEqual(await artifacts(dir), []);
  }));

await test("Ctrl-C saves, ends with 130 and the next run goes on", () =>
  withTempDir(async (dir) => {
    await prepareTinyRun(dir);
    const child = startClimb(dir, ["run", "tiny.yaml"]);
    const ended = finish(child);
    while ((await artifacts(dir)).length < 2) await sleep(50);
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /hint: run the same command again/);
    const again = await runClimb(dir, "run", "tiny.yaml");
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /reused ingest-/);
  }));

await test("a full disk ends with 4 and a remedy; with space again the run goes on", async (t) => {
  await withTempDir(async (dir) => {
    const disk = join(dir, "disk");
    await mkdir(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1200k", "tmpfs", disk], { stdio: "pipe" });
    } catch {
      t.skip("mounting a small tmpfs needs root");
      return;
    }
    try {
      await prepareTinyRun(disk);
      const full = await runClimb(disk, "run", "tiny.yaml");
      assert.equal(full.code, 4, full.stderr);
      assert.match(full.stderr, /disk .*is full|[Nn]o space/);
      assert.match(full.stderr, /hint: .*space/);
      execFileSync("mount", ["-o", "remount,size=100m", disk]);
      const again = await runClimb(disk, "run", "tiny.yaml");
      assert.equal(again.code, 0, again.stderr);
    } finally {
      execFileSync("umount", ["-l", disk]);
    }
  });
});
