/** Ingest through the command line: a recognised corpus, cleaned, in parts, with what it brings. */
import assert from "node:assert/strict";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { openDuckdb, sqlText } from "../../pipeline/core/duckdb.ts";
import { readJsonLines } from "../../pipeline/core/json-lines.ts";
import { readNpy } from "../../pipeline/core/npy.ts";
import { Random } from "../../pipeline/math/random.ts";
import { IngestResult } from "../../stages/ingest.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { finish, runClimb, snapshot, startClimb } from "../support/tiny-run.ts";
import { putFile } from "../unit/corpus/input-files.ts";

const vocabulary = (
  "the and to of that have with a people who came see river library engine garden year they were answer question " +
  "public opened most family worked there could more than paper said day after it was for about number nobody their own"
).split(" ");

/** English words in no order, so that no two texts are alike. */
function text(seed: number): string {
  const random = new Random(`text ${seed}`);
  const word = () => vocabulary[Math.floor(random.uniform() * vocabulary.length)]!;
  return Array.from({ length: 8 }, () => `The ${Array.from({ length: 14 }, word).join(" ")}.`).join("\n");
}

const rows = [
  ...Array.from({ length: 40 }, (_, index) => ({
    text: text(index),
    topic: `t${index % 3}`,
    embedding: [index, 1],
  })),
  // One word of many is another: near duplicates. Then what each rule is for.
  ...[1, 2, 3].map((index) => ({
    text: text(index).replace(/\w+\.$/, "end."),
    topic: "t0",
    embedding: [0, 0],
  })),
  { text: `${text(50)} Write to jane@mail.example or 8.8.8.8.`, topic: "t1" },
  { text: text(51), url: "http://sub.bad.example/page" },
  {
    text: "Das ist ein deutscher Satz, und er handelt von einer Bibliothek, die gestern eröffnet wurde. ".repeat(
      5,
    ),
  },
  { text: "menu\nhome\n".repeat(40) },
];

/** Without the resolved config, which names the workers. */
async function artifactsOf(dir: string): Promise<Record<string, string>> {
  const { "runs/a/config.resolved.yaml": _, ...artifacts } = await snapshot(dir);
  return artifacts;
}

const Step = z.object({ step: z.literal("read"), shards: z.int(), reused: z.int() });

/** Parts of the corpus and those that were there already, of the last run. */
async function partsRead(dir: string): Promise<z.infer<typeof Step>> {
  const steps = await readJsonLines(join(dir, "data", "runs", "a", "events.jsonl"), Step);
  return steps.findLast(({ shards }) => shards > 1)!;
}

/** Kill ingest with one worker as soon as so many parts of the corpus have been read; returns how many were in the end. */
async function killedAfterParts(dir: string, wanted: number): Promise<number> {
  const work = join(dir, "data", "artifacts", ".work");
  const done = async () => {
    const found = await readdir(work, { recursive: true }).catch(() => []);
    const counts = new Map<string, number>();
    for (const path of found.filter((name) => /read\/done\/\d+\.json$/.test(name)))
      counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
    return Math.max(0, ...counts.values());
  };
  const child = startClimb(dir, ["ingest", "a.yaml", "workers=1"]);
  const ended = finish(child);
  while ((await done()) < wanted) await sleep(20);
  child.kill("SIGKILL");
  // Its pipes are closed when the shard's process, which dies with it, has gone too.
  await ended;
  return done();
}

const config = `
corpus:
  sources: [{ name: web, files: corpus }]
  shardBytes: 6000
  signals: [language, fineweb]
  clean:
    languages: [en]
    rules: [gopher]
    blockedUrls: [blocked.txt]
    maskPersonalData: true
    nearDuplicates: {}
targets: [{ name: news, files: target.jsonl }]
budget: { targetTokens: 1000 }
`;

await test("documents are measured, masked and left out by name, with the same bytes whatever the workers and kills", () =>
  withTempDir(async (dir) => {
    await putFile(dir, "corpus/a.jsonl", rows.map((row) => `${JSON.stringify(row)}\n`).join("") + "broken\n");
    await writeFile(join(dir, "blocked.txt"), "bad.example\n");
    await writeFile(join(dir, "target.jsonl"), `${JSON.stringify({ text: text(99) })}\n`);
    await writeFile(join(dir, "a.yaml"), config);
    const ran = await runClimb(dir, "ingest", "a.yaml", "workers=2");
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /source web, jsonl: JSON lines/);

    const artifacts = join(dir, "data", "artifacts");
    const folders = (await readdir(artifacts)).filter((name) => name.startsWith("ingest-"));
    const results = await Promise.all(
      folders.map(async (name) => {
        const { result } = JSON.parse(await readFile(join(artifacts, name, "artifact.json"), "utf8")) as {
          result: unknown;
        };
        return { dir: join(artifacts, name), result: IngestResult.parse(result) };
      }),
    );
    const corpus = results.find(({ result }) => result.documents > 1)!;
    assert.deepEqual(corpus.result.skipped, {
      "blocked-url": 1,
      gopher: 1,
      "invalid-json": 1,
      "near-duplicate": 3,
      "other-language": 1,
    });
    assert.equal(corpus.result.documents, 41);
    assert.deepEqual(corpus.result.masked, { documents: 1, addresses: 2 });
    assert.equal(corpus.result.labelled, 41);
    assert.equal(corpus.result.vectors?.dimension, 2);
    assert.deepEqual(corpus.result.scores, [
      "language_confidence",
      "fineweb_punctuated_lines",
      "fineweb_short_lines",
      "fineweb_duplicate_line_characters",
      "fineweb_newlines",
    ]);
    // The broken line's number, though it was read in a part of the file that began far behind the first line.
    const skipped = await readFile(join(corpus.dir, "skipped.jsonl"), "utf8");
    assert.match(skipped, new RegExp(`"line":${rows.length + 1},"reason":"invalid-json"`));

    const { connection, close } = await openDuckdb();
    const found = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER, min(language), min(fineweb_punctuated_lines), max(label), sum(contains(text, '<email>'))::INTEGER
       FROM ${sqlText(join(corpus.dir, "documents-*.parquet"))}`,
    );
    close();
    assert.deepEqual(found.getRows(), [[41, "en", 1, "t2", 1]]);
    for (const { vectors, rows } of corpus.result.shards) {
      assert.deepEqual((await readNpy(join(corpus.dir, vectors!))).shape, [rows, 2]);
    }

    const before = await artifactsOf(dir);
    await withTempDir(async (other) => {
      for (const name of ["corpus", "blocked.txt", "target.jsonl", "a.yaml"]) {
        await cp(join(dir, name), join(other, name), { recursive: true });
      }
      const parts = await killedAfterParts(other, 2);
      const again = await runClimb(other, "ingest", "a.yaml", "workers=1");
      assert.equal(again.code, 0, again.stderr);
      // One file: what was read of it is not read again, so that one worker lost one part at most.
      const read = await partsRead(other);
      assert.ok(parts >= 2 && parts < read.shards, `killed after ${parts} of ${read.shards} parts`);
      assert.equal(read.reused, parts);
      assert.deepEqual(await artifactsOf(other), before);
    });
    const lost = await runClimb(dir, "ingest", "a.yaml", "corpus.clean.blockedUrls=[gone.txt]");
    assert.equal(lost.code, 2);
    assert.match(lost.stderr, /corpus\.clean\.blockedUrls: gone\.txt cannot be read[^]*hint:/);
  }));
