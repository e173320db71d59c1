import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { InputFile } from "../../../pipeline/corpus/discover.ts";
import { countLinesBefore, linesBeforePart } from "../../../pipeline/corpus/lines-before.ts";
import { planMergeShards } from "../../../pipeline/corpus/plan.ts";
import type { RawRecord, Skip } from "../../../pipeline/corpus/record.ts";
import { splitFile } from "../../../pipeline/corpus/split-file.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { putFile, putQuery, readAll } from "./input-files.ts";
import { conversion, members } from "./warc-files.ts";

/** Parts read one by one, their lines numbered through. */
async function readParts(parts: readonly InputFile[]): Promise<(RawRecord | Skip)[]> {
  const read: { part: number; records: (RawRecord | Skip)[] }[] = [];
  const lines: { source: string; file: string; part: number; lines: number }[] = [];
  for (const file of parts) {
    const { index, unit } = file.part!;
    const onLines = (count: number) => {
      if (unit === "bytes") lines.push({ source: "web", file: file.name, part: index, lines: count });
    };
    read.push({ part: index, records: await readAll(file, { onLines, onBadFile: "skip" }) });
  }
  const before = countLinesBefore(lines);
  return read.flatMap(({ part, records }) =>
    records.map((record) => ({
      ...record,
      line: record.line + linesBeforePart(before, { source: "web", file: record.file, part }),
    })),
  );
}

const place = ({ line, ...record }: RawRecord | Skip) => [
  line,
  "reason" in record ? record.reason : record.text,
];

/** The file in parts gives what the whole file does. */
async function assertSame(file: InputFile, partBytes: number, atLeast = 2): Promise<void> {
  const parts = await splitFile(file, partBytes);
  assert.ok(parts.length >= atLeast, `${parts.length} parts of ${file.bytes} bytes`);
  const ends = parts.map(({ part }) => [part!.from, part!.to]);
  ends.slice(1).forEach(([from], index) => assert.equal(from, ends[index]![1]));
  assert.equal(
    parts.reduce((sum, { bytes }) => sum + bytes, 0),
    file.bytes,
  );
  assert.deepEqual((await readParts(parts)).map(place), (await readAll(file)).map(place));
}

await test("JSON lines are cut at newlines; lines keep their numbers through blank and broken ones", () =>
  withTempDir(async (folder) => {
    // Thirteen bytes a line, in three: the cuts wanted at 26 and 52 of 78 fall exactly between lines.
    const even = await putFile(folder, "a.jsonl", '{"text":"a"}\n'.repeat(6));
    await assertSame(even, 26, 3);
    const lines = fc.array(
      fc.constantFrom('{"text":"é\u2028"}', "", "broken", `{"text":"${"x".repeat(90)}"}`, "\r"),
      {
        minLength: 4,
        maxLength: 30,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.integer({ min: 1, max: 60 }),
        fc.boolean(),
        async (lines, partBytes, ended) => {
          const file = await putFile(
            folder,
            "b.jsonl",
            `{"text":"0"}\n${lines.join("\n")}${ended ? "\n" : ""}`,
          );
          const parts = await splitFile(file, partBytes);
          if (parts.length === 1) return;
          const found = (await readParts(parts)).filter(
            (record) => !("reason" in record && record.reason === "empty-file"),
          );
          assert.deepEqual(found.map(place), (await readAll(file)).map(place));
        },
      ),
      { numRuns: 60 },
    );
  }));

const text = (index: number) =>
  Array.from({ length: 40 }, (_, at) => (index * 7919 + at * 104_729).toString(36)).join(" ");

await test("compressed archives are cut between members that begin a record", () =>
  withTempDir(async (folder) => {
    const records = Array.from({ length: 50 }, (_, index) => conversion(text(index)));
    // Magic bytes within a member, one of them before bytes that do inflate.
    records.splice(20, 0, conversion(gzipSync(Buffer.from("no record")).toString("latin1").repeat(5)));
    const file = await putFile(folder, "a.warc.wet.gz", members(records));
    for (const partBytes of [500, 1000, 5000]) await assertSame(file, partBytes);
    const single = await putFile(folder, "b.warc.wet.gz", gzipSync(Buffer.concat(records)));
    assert.deepEqual(await splitFile(single, 1000), [single], "one member cannot be cut");
    const damaged = members(records);
    const middle = Math.floor(damaged.length / 2);
    damaged.fill(0, middle, middle + 20);
    const parts = await splitFile(await putFile(folder, "c.warc.wet.gz", damaged), 1000);
    const read = await readParts(parts);
    assert.equal(read.filter((record) => "reason" in record && record.reason === "bad-file").length, 1);
    assert.ok(read.filter((record) => "text" in record).length > 35, "damage costs the part it is in");
  }));

await test("Parquet is cut between row groups; rows keep their numbers", () =>
  withTempDir(async (folder) => {
    const query = "SELECT 'row ' || i || md5(i::VARCHAR) AS text FROM range(10000) t(i)";
    const file = await putQuery(join(folder, "a.parquet"), query, "FORMAT parquet, ROW_GROUP_SIZE 2048");
    await assertSame(file, file.bytes / 3, 3);
    const damaged = await putFile(folder, "b.parquet", "PAR1 no more");
    assert.deepEqual(await splitFile(damaged, 5), [damaged]);
  }));

await test("what cannot be cut stays whole", () =>
  withTempDir(async (folder) => {
    const lines = '{"text":"a"}\n'.repeat(100);
    for (const file of [
      await putFile(folder, "a.jsonl.gz", gzipSync(lines)),
      await putFile(folder, "a.warc", members([conversion("x")])),
      await putFile(folder, "a.txt", lines),
      await putFile(folder, "one-line.jsonl", `{"text":"${"x".repeat(1000)}"}`),
    ]) {
      assert.deepEqual(await splitFile(file, 10), [file], file.name);
    }
    const small = await putFile(folder, "b.jsonl", lines);
    assert.deepEqual(await splitFile(small, 1300), [small]);
  }));

await test("a bucket of more text than wanted is merged in several shards, an empty one in none", () => {
  const offsets = [
    [0, 10, 10, 60],
    [0, 5, 5, 55],
  ];
  assert.deepEqual(planMergeShards(offsets, 50), [
    { bucket: 0, index: 0, buckets: 3 },
    { bucket: 2, index: 4, buckets: 6 },
    { bucket: 2, index: 5, buckets: 6 },
  ]);
  assert.deepEqual(planMergeShards([], 50), []);
});
