import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { InputError } from "../../pipeline/core/errors.ts";
import { type WarcDamage, type WarcRecord, warcRecords } from "../../pipeline/corpus/warc-records.ts";
import { changes, damage } from "../support/damage.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { putFile, readAll } from "../unit/corpus/input-files.ts";
import { conversion, members } from "../unit/corpus/warc-files.ts";

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function recordsOf(bytes: Buffer, size: number): Promise<(WarcRecord | WarcDamage)[]> {
  const records: (WarcRecord | WarcDamage)[] = [];
  for await (const record of warcRecords(inPieces(bytes, size))) records.push(record);
  return records;
}

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.constantFrom("", "\r\n\r\n", "WARC/1.0\r\n", "a\r\n\r\nWARC/1.0\r\nContent-Length: 1\r\n\r\nb\r\n\r\n"),
);

await test("every block is found again, whatever is in it and however the bytes arrive", async () => {
  const texts = fc.array(text, { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 200 }), async (texts, size) => {
      const records = await recordsOf(Buffer.concat(texts.map((text) => conversion(text))), size);
      assert.deepEqual(
        records.map((record) => ("damage" in record ? record.damage : record.block.toString())),
        texts.map((text) => Buffer.from(text).toString()),
      );
    }),
  );
});

/** Damaged in the compressed bytes or beneath them, a file is read alike twice, and fails in one way only. */
async function assertHolds(folder: string, plain: Buffer, zipped: Buffer, runs: number): Promise<void> {
  const forms = fc.constantFrom("plain", "zipped", "zipped after");
  await fc.assert(
    fc.asyncProperty(changes, forms, async (changes, form) => {
      const damaged = changes.reduce(damage, form === "zipped" ? zipped : plain);
      const bytes = form === "zipped after" ? gzipSync(damaged) : damaged;
      const file = { ...(await putFile(folder, "a.warc", bytes)), format: "warc" as const };
      const started = performance.now();
      const records = await readAll(file, { onBadFile: "skip" });
      assert.ok(performance.now() - started < 5000);
      assert.ok(records.length > 0);
      assert.deepEqual(await readAll(file, { onBadFile: "skip" }), records);

      const bad = records.some((record) => "reason" in record && record.reason === "bad-file");
      if (bad) await assert.rejects(readAll(file), InputError);
      else assert.deepEqual(await readAll(file), records);
    }),
    { numRuns: runs },
  );
}

await test("a damaged file never fails but as documented", async () => {
  const records = ["first", "second ".repeat(300), "third"].map((text) => conversion(text));
  await withTempDir((folder) => assertHolds(folder, Buffer.concat(records), members(records), 150));
});

const real = resolve("../shared/data/web/warciojs-example.warc.gz");

await test("nor does a damaged real one", { skip: !existsSync(real) && `no ${real}` }, async () => {
  const zipped = await readFile(real);
  await withTempDir((folder) => assertHolds(folder, gunzipSync(zipped), zipped, 150));
});
