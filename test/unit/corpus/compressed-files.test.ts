import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { InputError } from "../../../pipeline/core/errors.ts";
import type { InputFile } from "../../../pipeline/corpus/discover.ts";
import { readBytes } from "../../../pipeline/corpus/read-bytes.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { putFile, putQuery, readAll, textsOf } from "./input-files.ts";

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `{"text":"line ${from + index}"}\n`).join("");
const texts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`);

/** Lines that compress badly, so that a cut loses only part of them. */
const query = (rows: number) =>
  `SELECT 'line ' || i || ' ' || md5(i::VARCHAR) AS text FROM range(${rows}) t(i)`;

/** Under `error` the message names file, trouble and remedy; under `skip` what came before is kept. */
async function assertDamaged(file: InputFile, trouble: RegExp): Promise<string[]> {
  await assert.rejects(readAll(file), (error: unknown) => {
    assert.ok(error instanceof InputError);
    assert.ok(error.message.startsWith(file.path));
    assert.match(error.message, trouble);
    assert.match(error.hint, /fetch the file again.*corpus\.onBadFile: skip/);
    return true;
  });
  const records = await readAll(file, { onBadFile: "skip" });
  const last = records.at(-1);
  assert.ok(last !== undefined && "reason" in last && last.reason === "bad-file");
  assert.match(last.detail, trouble);
  assert.deepEqual(await readAll(file, { onBadFile: "skip" }), records, "the same in every run");
  return textsOf(records.slice(0, -1));
}

await test("gzip of several members, also with zeros after the last", () =>
  withTempDir(async (folder) => {
    const members = Buffer.concat([gzipSync(lines(0, 2)), gzipSync(lines(2, 5))]);
    const padded = Buffer.concat([members, Buffer.alloc(100)]);
    for (const [name, bytes] of Object.entries({
      "a.jsonl.gz": members,
      "b.json": members,
      "c.jsonl.gz": padded,
    })) {
      assert.deepEqual(textsOf(await readAll(await putFile(folder, name, bytes))), texts(0, 5), name);
    }
    const empty = await readAll(await putFile(folder, "d.jsonl.gz", gzipSync("")));
    assert.deepEqual(textsOf(empty), ["(empty-file)"]);
  }));

await test("a large gzip file is read without a warning", () =>
  withTempDir(async (folder) => {
    const text = randomBytes(4_000_000).toString("base64");
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on("warning", listen);
    const file = await putFile(folder, "a.txt.gz", gzipSync(text, { level: 1 }));
    assert.equal(textsOf(await readAll(file))[0] === text, true);
    process.off("warning", listen);
    assert.deepEqual(warnings, []);
  }));

await test("gzip cut short or damaged: an error, or what came before it", () =>
  withTempDir(async (folder) => {
    const whole = gzipSync(
      await readFile((await putQuery(join(folder, "x.jsonl"), query(6_000), "FORMAT json")).path),
    );
    const cut = await putFile(folder, "cut.jsonl.gz", whole.subarray(0, whole.length / 2));
    const kept = await assertDamaged(cut, /gzip data \(unexpected end of file\)/);
    assert.ok(kept.length > 2400 && kept.length < 3600, `${kept.length} kept`);
    assert.match(kept[2400]!, /^line 2400 /);

    const second = Buffer.concat([gzipSync(lines(0, 3)), gzipSync(lines(3, 6)).subarray(0, 12)]);
    assert.deepEqual(
      (await assertDamaged(await putFile(folder, "b.jsonl.gz", second), /gzip/)).slice(0, 3),
      texts(0, 3),
    );
    const damaged = Buffer.from(whole);
    const middle = Math.floor(whole.length / 2);
    damaged.fill(0xff, middle, middle + 50);
    await assertDamaged(await putFile(folder, "c.jsonl.gz", damaged), /damaged or truncated gzip data/);
  }));

await test("zstd of several frames, under both endings", () =>
  withTempDir(async (folder) => {
    const write = async (name: string, rows: number) =>
      readFile((await putQuery(join(folder, name), query(rows), "FORMAT json, COMPRESSION zstd")).path);
    const frames = Buffer.concat([await write("a.jsonl.zst", 3), await write("b.jsonl.zst", 9_000)]);
    for (const name of ["c.jsonl.zst", "c.jsonl.zstd"]) {
      const file = await putFile(folder, name, frames);
      assert.equal(file.compression, "zstd");
      const read = textsOf(await readAll(file));
      assert.equal(read.length, 9_003);
      assert.match(read[2]!, /^line 2 /);
      assert.match(read[9_002]!, /^line 8999 /);
    }
    const cut = await putFile(folder, "cut.jsonl.zst", frames.subarray(0, frames.length * 0.6));
    const kept = await assertDamaged(cut, /damaged or truncated zstd data/);
    assert.ok(kept.length > 3 && kept.length < 9_003, `${kept.length} kept`);
  }));

/** {"text":"told once"} and a newline, by `zstd -c`: a frame that is not compressed, with a checksum. */
const stored = Buffer.from("KLUv/QRYqQAAeyJ0ZXh0IjoidG9sZCBvbmNlIn0Ktk9CSg==", "base64");

await test("zstd: checksums are checked, frames without content passed over", () =>
  withTempDir(async (folder) => {
    const skipped = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18]), Buffer.alloc(4)]);
    const many = Buffer.concat([stored, ...Array.from({ length: 5000 }, () => skipped), stored]);
    assert.deepEqual(textsOf(await readAll(await putFile(folder, "a.jsonl.zst", many))), [
      "told once",
      "told once",
    ]);

    const changed = Buffer.from(stored);
    changed[changed.indexOf("told")]! ^= 1;
    const damaged = Buffer.concat([stored, changed, stored]);
    const kept = await assertDamaged(await putFile(folder, "b.jsonl.zst", damaged), /truncated zstd data/);
    assert.equal(kept[0], "told once");
    const trailing = Buffer.concat([stored, Buffer.from("and more")]);
    await assertDamaged(await putFile(folder, "c.jsonl.zst", trailing), /truncated zstd data/);
  }));

await test("zstd left in the middle a hundred times keeps no memory", () =>
  withTempDir(async (folder) => {
    const { path } = await putQuery(
      join(folder, "a.jsonl.zst"),
      query(40_000),
      "FORMAT json, COMPRESSION zstd",
    );
    const leave = async (times: number) => {
      for (let turn = 0; turn < times; turn++) {
        for await (const piece of readBytes({ path, compression: "zstd" }, () => {})) {
          assert.ok(piece.length > 0);
          break;
        }
      }
      return process.memoryUsage().arrayBuffers + process.memoryUsage().external;
    };
    const before = await leave(3);
    assert.ok((await leave(100)) - before < 64 * 2 ** 20, "each would leave its window of 2 MiB behind");
  }));

await test("a file that vanished is a bad file", () =>
  withTempDir(async (folder) => {
    const file = await putFile(folder, "a.jsonl", lines(0, 1));
    await assertDamaged({ ...file, path: join(folder, "gone.jsonl") }, /the file is gone/);
  }));
