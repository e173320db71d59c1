import assert from "node:assert/strict";
import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { completeShard, readMarker } from "../../../pipeline/core/marker.ts";
import { withTempDir } from "../../support/temp-dir.ts";

const write = (text: string) => async (outDir: string) => {
  await writeFile(join(outDir, "a.txt"), text);
  return { length: text.length };
};

await test("a marker names its outputs with size and hash", () =>
  withTempDir(async (dir) => {
    const marker = await completeShard(dir, 3, "key", write("hello"));
    assert.deepEqual(await readMarker(dir, 3, "key"), marker);
    assert.deepEqual(marker.result, { length: 5 });
    const [output] = marker.outputs;
    // printf hello | sha256sum
    assert.equal(output!.sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert.equal(await readFile(join(dir, output!.path), "utf8"), "hello");
  }));

await test("torn, empty, foreign and unfulfilled markers are not markers", () =>
  withTempDir(async (dir) => {
    const marker = await completeShard(dir, 0, "key", write("hello"));
    const path = join(dir, "done", "00000.json");
    const text = await readFile(path, "utf8");
    assert.equal(await readMarker(dir, 0, "other key"), undefined);
    for (const damaged of ["", text.slice(0, 20), "{}"]) {
      await writeFile(path, damaged);
      assert.equal(await readMarker(dir, 0, "key"), undefined);
    }
    await writeFile(path, text);
    await truncate(join(dir, marker.outputs[0]!.path), 2);
    assert.equal(await readMarker(dir, 0, "key"), undefined);
    // And the shard is simply done again.
    await completeShard(dir, 0, "key", write("hello"));
    assert.notEqual(await readMarker(dir, 0, "key"), undefined);
  }));

await test("of two copies the first wins and the other removes its own output", () =>
  withTempDir(async (dir) => {
    const slow = completeShard(dir, 0, "key", async (outDir) => {
      await write("slow")(outDir);
      await completeShard(dir, 0, "key", write("fast"));
    });
    const marker = await slow;
    assert.deepEqual(marker.result, { length: 4 });
    assert.equal(await readFile(join(dir, marker.outputs[0]!.path), "utf8"), "fast");
    assert.equal((await readdir(join(dir, "out"))).length, 1);
  }));

await test("a task that throws leaves neither marker nor output", () =>
  withTempDir(async (dir) => {
    const failing = completeShard(dir, 0, "key", async (outDir) => {
      await write("half")(outDir);
      throw new Error("no");
    });
    await assert.rejects(failing, /no/);
    assert.equal(await readMarker(dir, 0, "key"), undefined);
    assert.deepEqual(await readdir(join(dir, "out")), []);
    assert.deepEqual(await readdir(join(dir, "tmp")), []);
  }));
