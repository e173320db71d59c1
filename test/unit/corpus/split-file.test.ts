import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { InputFile } from "../../../pipeline/corpus/discover.ts";
import { partStarts, type Place, placeOf } from "../../../pipeline/corpus/part-starts.ts";
import { planMergeShards } from "../../../pipeline/corpus/plan.ts";
import type { RawRecord, Skip } from "../../../pipeline/corpus/record.ts";
import { splitFile } from "../../../pipeline/corpus/split-file.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { putFile, putQuery, readAll } from "./input-files.ts";
import { conversion, members } from "./warc-files.ts";

/** Parts read one by one, their lines numbered through. */
async function readParts(parts: readonly InputFile[]): Promise<((RawRecord | Skip) & Place)[]> {
  const read: { part: number; records: (RawRecord | Skip)[] }[] = [];
  const counted: Parameters<typeof partStarts>[0][number][] = [];
  for (const file of parts) {
    const { index: part, unit, from: fromByte } = file.part!;
    const onLines = (lines: number | null) => {
      if (unit === "bytes") counted.push({ source: "web", file: file.name, part, fromByte, lines });
    };
    read.push({ part, records: await readAll(file, { onLines, onBadFile: "skip" }) });
  }
  const starts = partStarts(counted);
  return read.flatMap(({ part, records }) =>
    records.map((record) => ({
      ...record,
      ...(counted.length === 0 ? {} : placeOf(starts, { ...record, source: "web", part })),
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
    const parts = await splitFile(file, 1000);
    // The second member of the second part: what comes after it in the part is lost, and nobody can count it.
    const { from } = parts[1]!.part!;
    const bytes = await readFile(file.path);
    const second = bytes.indexOf(Buffer.from([0x1f, 0x8b, 0x08]), from + 1);
    const damaged = await putFile(
      folder,
      "c.warc.wet.gz",
      Buffer.from(bytes).fill(0, second + 30, second + 50),
    );
    const whole = await readAll(file);
    const read = await readParts(await splitFile(damaged, 1000));
    const bad = read.filter((record) => "reason" in record && record.reason === "bad-file");
    assert.equal(bad.length, 1);
    assert.match(
      (bad[0] as Skip).detail,
      new RegExp(`at byte \\d+ of what the member at byte ${from} begins`),
    );
    assert.equal(bad[0]!.fromByte, undefined);
    // Before the damage lines are the file's, behind it those of what begins at a byte of it.
    assert.deepEqual(
      [...new Set(read.map(({ fromByte }) => fromByte))],
      [undefined, ...parts.slice(2).map(({ part }) => part!.from)],
    );
    const lineOf = new Map(whole.map((record) => ["text" in record ? record.text : "", record.line]));
    const linesBefore = new Map<number | undefined, number>([[undefined, 0]]);
    for (const part of parts) {
      const [first] = await readAll(part);
      linesBefore.set(part.part!.from, lineOf.get((first as RawRecord).text)! - 1);
    }
    for (const record of read) {
      if (!("text" in record)) continue;
      assert.equal(linesBefore.get(record.fromByte)! + record.line, lineOf.get(record.text));
    }
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
