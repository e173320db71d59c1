/** Whatever happens to a file, reading it ends, in the same way twice, with records, counted skips or a named refusal. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { ClimbError, InputError } from "../../pipeline/core/errors.ts";
import { discoverFiles } from "../../pipeline/corpus/discover.ts";
import { recogniseSources } from "../../pipeline/corpus/recognise.ts";
import { splitFile } from "../../pipeline/corpus/split-file.ts";
import { SourceConfig } from "../../pipeline/schema/corpus-config.ts";
import { changes, damage } from "../support/damage.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { putFile, putQuery, readAll } from "../unit/corpus/input-files.ts";

/** As a run does it: find, recognise, cut and read. */
async function readUnseen(path: string, onBadFile: "error" | "skip") {
  const source = SourceConfig.parse({ name: "web", files: path });
  const { files } = await discoverFiles([source], "/");
  const [reading] = await recogniseSources([source], files);
  const { fields, scores } = reading!;
  const read: Awaited<ReturnType<typeof readAll>> = [];
  for (const part of await splitFile(files[0]!, 2000))
    read.push(...(await readAll(part, { fields, scores, onBadFile })));
  return read;
}

async function assertHolds(folder: string, name: string, whole: Buffer, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(changes, async (changes) => {
      const { path } = await putFile(folder, name, changes.reduce(damage, whole)).catch(() => ({
        path: join(folder, name),
      }));
      const started = performance.now();
      const once = await readUnseen(path, "skip").catch((error: unknown) => error);
      assert.ok(performance.now() - started < 10_000, "nothing hangs");
      if (once instanceof Error) {
        // Neither its form nor a text column could be told any more.
        assert.ok(once instanceof ClimbError, String(once.stack));
        assert.ok(once.message.includes(name) && once.hint.length > 0);
        return;
      }
      const records = once as Awaited<ReturnType<typeof readUnseen>>;
      assert.ok(records.length > 0);
      for (const record of records) assert.ok(record.file === name && record.line >= 0);
      const twice = await readUnseen(path, "error").catch((error: unknown) => error);
      const bad = records.some((record) => "reason" in record && record.reason === "bad-file");
      if (bad) assert.ok(twice instanceof InputError);
      else assert.deepEqual(twice, records);
    }),
    { numRuns },
  );
}

const rows = Array.from({ length: 40 }, (_, index) => ({
  id: `doc-${index}`,
  text: `${"naïve \u2028 text ".repeat(index % 7)}${index}`,
  metadata: { url: `https://a.example/${index}`, score: index / 3 },
}));
const jsonl = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

await test("damaged JSON lines, plain and compressed", () =>
  withTempDir(async (folder) => {
    await assertHolds(folder, "a.jsonl", jsonl, 40);
    await assertHolds(folder, "b.json.gz", gzipSync(jsonl), 40);
    const from = (await putFile(folder, "c.jsonl", jsonl)).path;
    const query = `SELECT * FROM read_json('${from}')`;
    const { path } = await putQuery(join(folder, "c.jsonl.zst"), query, "FORMAT json, COMPRESSION zstd");
    await assertHolds(folder, "d.jsonl.zst", await readFile(path), 40);
  }));

await test("damaged Parquet", () =>
  withTempDir(async (folder) => {
    const from = (await putFile(folder, "c.jsonl", jsonl)).path;
    for (const compression of ["snappy", "zstd", "uncompressed"]) {
      const query = `SELECT * FROM read_json('${from}')`;
      const { path } = await putQuery(
        join(folder, "a.parquet"),
        query,
        `FORMAT parquet, COMPRESSION ${compression}`,
      );
      await assertHolds(folder, "b.parquet", await readFile(path), 15);
    }
  }));

await test("damaged pages", () =>
  withTempDir(async (folder) => {
    const body = "<div><p>Text, and more &amp; more<table><tr><td>x</table></p></div>".repeat(20);
    await assertHolds(folder, "a.html", Buffer.from(`<!doctype html><meta charset=latin1>${body}`), 40);
  }));

const real = resolve("../shared/data/web");

await test("damaged real archives", { skip: !existsSync(real) && `no ${real}` }, () =>
  withTempDir(async (folder) => {
    await assertHolds(folder, "a.warc", await readFile(join(real, "iana-chunked.warc")), 30);
    const file = await open(join(real, "synthetic.wet.gz"));
    const { buffer } = await file.read(Buffer.alloc(60_000), 0, 60_000, 0);
    await file.close();
    // Whole members only.
    const end = buffer.lastIndexOf(Buffer.from([0x1f, 0x8b, 0x08]));
    assert.ok(gunzipSync(buffer.subarray(0, end)).length > 60_000);
    await assertHolds(folder, "b.warc.wet.gz", buffer.subarray(0, end), 30);
  }),
);
