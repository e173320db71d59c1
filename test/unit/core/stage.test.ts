import assert from "node:assert/strict";
import { mkdir, readdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { z } from "zod";
import { verifyArtifact } from "../../../pipeline/core/artifact.ts";
import { ConfigError, DiskFullError, IncompleteError, InputError } from "../../../pipeline/core/errors.ts";
import { LocalExecutor } from "../../../pipeline/core/local-executor.ts";
import { type Environment, runStage, type Stage } from "../../../pipeline/core/stage.ts";
import { withTempDir } from "../../support/temp-dir.ts";

interface DoubleConfig {
  readonly value: number;
  readonly path: string;
}

let runs = 0;
const double: Stage<DoubleConfig, Record<string, never>, { doubled: number }> = {
  name: "double",
  version: 1,
  entry: import.meta.filename,
  result: z.strictObject({ doubled: z.number() }),
  recorded: ({ value }) => ({ value }),
  steps: {},
  async run({ value }, _inputs, { outDir }) {
    runs++;
    if (value < 0) throw Object.assign(new Error("write"), { code: "ENOSPC" });
    await writeFile(join(outDir, "doubled.txt"), String(2 * value));
    return { doubled: 2 * value };
  },
};

function environment(dir: string): Environment {
  return {
    artifactsDir: dir,
    executor: new LocalExecutor(1),
    workers: 1,
    progress: () => {},
    signal: new AbortController().signal,
  };
}

await test("a stage runs once per recorded config; paths do not count", () =>
  withTempDir(async (dir) => {
    runs = 0;
    const first = await runStage(double, { value: 2, path: "a" }, {}, environment(dir));
    const again = await runStage(double, { value: 2, path: "b" }, {}, environment(dir));
    assert.equal(runs, 1);
    assert.equal(first.name, again.name);
    assert.deepEqual(again.result, { doubled: 4 });
    const other = await runStage(double, { value: 3, path: "a" }, {}, environment(dir));
    assert.notEqual(other.name, first.name);
    const newer = await runStage({ ...double, version: 2 }, { value: 2, path: "a" }, {}, environment(dir));
    assert.notEqual(newer.name, first.name);
    assert.deepEqual(await verifyArtifact(first.dir), []);
  }));

await test("nothing half-made is left where a later run would trust it", () =>
  withTempDir(async (dir) => {
    await assert.rejects(runStage(double, { value: -1, path: "" }, {}, environment(dir)), (error) => {
      assert(error instanceof DiskFullError && error instanceof IncompleteError);
      assert(error.message.includes(dir));
      return true;
    });
    assert.deepEqual(await readdir(dir), [".work"]);
    // A folder without artifact.json is not an artifact, and does not stop the next run.
    const { name } = await runStage(double, { value: 5, path: "" }, {}, environment(dir));
    await mkdir(join(dir, "elsewhere"));
    assert.equal((await readdir(join(dir, name))).includes("artifact.json"), true);
  }));

await test("an artifact that was changed is refused by name", () =>
  withTempDir(async (dir) => {
    const { dir: made, path } = await runStage(double, { value: 7, path: "" }, {}, environment(dir));
    await writeFile(path("doubled.txt"), "15");
    assert.match((await verifyArtifact(made))[0]!, /^doubled\.txt: sha256 /);
    await truncate(path("doubled.txt"), 1);
    await assert.rejects(runStage(double, { value: 7, path: "" }, {}, environment(dir)), (error) => {
      assert(error instanceof InputError);
      assert.match(error.message, /doubled\.txt has 1 bytes instead of 2/);
      return true;
    });
  }));

await test("a live run's lock is respected, a dead one's taken over", () =>
  withTempDir(async (dir) => {
    const { name } = await runStage(double, { value: 9, path: "" }, {}, environment(join(dir, "probe")));
    const lock = join(dir, ".work", `${name}.lock`);
    await mkdir(join(dir, ".work"), { recursive: true });
    const { hostname } = await import("node:os");
    await writeFile(lock, JSON.stringify({ host: hostname(), pid: process.ppid }));
    await assert.rejects(runStage(double, { value: 9, path: "" }, {}, environment(dir)), IncompleteError);
    await writeFile(lock, JSON.stringify({ host: hostname(), pid: 2 ** 30 }));
    assert.equal((await runStage(double, { value: 9, path: "" }, {}, environment(dir))).name, name);
    // Died between publishing and cleaning up.
    const scratch = join(dir, ".work", name);
    await mkdir(scratch);
    await writeFile(lock, JSON.stringify({ host: hostname(), pid: 2 ** 30 }));
    await runStage(double, { value: 9, path: "" }, {}, environment(dir));
    assert.deepEqual(await readdir(join(dir, ".work")), []);
    assert(!(new ConfigError("x") instanceof IncompleteError));
  }));
