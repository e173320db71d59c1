import assert from "node:assert/strict";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { documentId } from "../../../pipeline/corpus/bucket-row.ts";
import { readBucketRows, rowsFile } from "../../../pipeline/corpus/bucket-rows.ts";
import {
  BandFile,
  bandsFile,
  readBand,
  readIds,
} from "../../../pipeline/corpus/near-duplicates/band-file.ts";
import { LastOfHash } from "../../../pipeline/corpus/near-duplicates/last-of-hash.ts";
import {
  linkDocuments,
  type NearDuplicate,
} from "../../../pipeline/corpus/near-duplicates/link-documents.ts";
import { pairDocuments } from "../../../pipeline/corpus/near-duplicates/pair-documents.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { putFile } from "./input-files.ts";
import { jsonLines, merge, read } from "./ingest-steps.ts";

const config = { words: 5, bands: 14, rows: 8 };

const article = (seed: number, words = 200) =>
  Array.from({ length: words }, (_, at) => `w${(seed * 7919 + at * at * 31) % 5003}`).join(" ");
/** With one word in so many another. */
const changed = (text: string, every: number, by = "other") =>
  text
    .split(" ")
    .map((word, at) => (at % every === every - 1 ? by : word))
    .join(" ");

const quiet = { signal: new AbortController().signal, onProgress: () => {} };

/** Near duplicates that go, to what stays for them, of some band files; hashes in several passes if there are more than `atOnce`. */
async function linksOf(
  folder: string,
  paths: readonly string[],
  atOnce?: number,
): Promise<Map<string, string>> {
  const halves = [
    { from: 0, to: 5, out: join(folder, "pairs-0") },
    { from: 5, to: config.bands, out: join(folder, "pairs-1") },
  ];
  const counts: number[] = [];
  for (const half of halves)
    counts.push(await pairDocuments({ paths, bands: config.bands, ...half, ...quiet }, atOnce));
  const outDir = join(folder, `linked-${atOnce}`);
  await mkdir(outDir, { recursive: true });
  const pairs = halves.map(({ out }) => out);
  const buckets = await linkDocuments(paths, config.bands, pairs, outDir, 3);
  const found = new Map<string, string>();
  if (buckets.at(-1) === 0) return found;
  assert.ok(counts.some((count) => count > 0));
  for (let bucket = 0; bucket < 3; bucket++) {
    const range = { path: join(outDir, rowsFile), from: buckets[bucket]!, to: buckets[bucket + 1]! };
    for await (const { id, like } of readBucketRows<NearDuplicate>([range], bucket, 3)) found.set(id, like);
  }
  return found;
}

/** The near duplicates of some shards of texts. */
async function duplicatesOf(
  folder: string,
  shards: readonly (readonly string[])[],
): Promise<Map<string, string>> {
  const paths: string[] = [];
  for (const [index, texts] of shards.entries()) {
    const lines = texts.map((text) => `${JSON.stringify({ text })}\n`).join("");
    const out = join(folder, `read-${index}`);
    const limits = { minCharacters: 0, maxCharacters: 1e6, onBadFile: "error" as const };
    await rm(join(out, bandsFile), { force: true });
    await read(out, [await putFile(folder, `${index}.jsonl`, lines)], { nearDuplicates: config, limits });
    paths.push(join(out, bandsFile));
  }
  return linksOf(folder, paths);
}

await test("of linked documents the smallest id stays; the others go, and say for which", () =>
  withTempDir(async (folder) => {
    const first = article(1);
    // The middle one is like both others, which are less like each other.
    const chain = [first, changed(first, 67), changed(changed(first, 67), 61, "else")];
    const apart = [article(2), changed(article(2), 3), "short", "short text"];
    const found = await duplicatesOf(folder, [
      [chain[2]!, ...apart],
      [chain[0]!, chain[0]!, chain[1]!],
    ]);
    const ids = chain.map(documentId).sort();
    assert.deepEqual(
      found,
      new Map([
        [ids[1]!, ids[0]!],
        [ids[2]!, ids[0]!],
      ]),
    );

    const out = join(folder, "merged");
    const counts = await merge(out, [join(folder, "read-0"), join(folder, "read-1")], {
      nearDuplicates: found,
    });
    assert.equal(counts.documents, 5);
    const reasons = (await jsonLines(join(out, "duplicates.jsonl"))).map(({ reason }) => String(reason));
    assert.equal(reasons.filter((reason) => reason === "near-duplicate").length + 1, reasons.length);
    assert.ok(reasons.includes("duplicate"));
  }));

await test("what goes does not depend on the order of documents or files", () =>
  withTempDir(async (folder) => {
    const texts = Array.from({ length: 12 }, (_, index) => changed(article(index % 4, 120), 40 + index));
    const found = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(texts, { minLength: texts.length }),
        fc.integer({ min: 1, max: 11 }),
        async (order, cut) => {
          const duplicates = await duplicatesOf(folder, [order.slice(0, cut), order.slice(cut)]);
          assert.ok(duplicates.size > 3);
          found.add([...duplicates].map(String).sort().join("\n"));
          assert.equal(found.size, 1);
        },
      ),
      { numRuns: 8 },
    );
  }));

const smaller = (one: string, other = one) => (one < other ? one : other);

/** Groups by joining documents that share a band until nothing changes, over everything at once. */
async function plainLinks(paths: readonly string[]): Promise<Map<string, string>> {
  const ids: string[] = [];
  const keys: string[][] = [];
  for (const path of paths) {
    const first = ids.length;
    for await (const block of readIds(path, config.bands)) {
      for (let at = 0; at < block.length; at += 16) ids.push(block.toString("hex", at, at + 16));
    }
    for (let band = 0; band < config.bands; band++) {
      let document = first;
      for await (const hashes of readBand(path, band, config.bands)) {
        for (let at = 0; at < hashes.length; at += 2)
          (keys[document++] ??= []).push(`${band} ${hashes[at]} ${hashes[at + 1]}`);
      }
    }
  }
  const stays = new Map(ids.map((id) => [id, id]));
  for (let changes = 1; changes > 0;) {
    changes = 0;
    const least = new Map<string, string>();
    for (const [document, id] of ids.entries())
      for (const key of keys[document]!) least.set(key, smaller(stays.get(id)!, least.get(key)));
    for (const [document, id] of ids.entries()) {
      const best = keys[document]!.map((key) => least.get(key)!).sort()[0]!;
      if (best === stays.get(id)) continue;
      stays.set(id, best);
      changes++;
    }
  }
  return new Map([...stays].filter(([id, like]) => id !== like));
}

await test("in one pass or many, over several blocks and files, the groups are those of the plain way", () =>
  withTempDir(async (folder) => {
    const paths = [join(folder, "bands-0"), join(folder, "bands-1"), join(folder, "bands-2")];
    // Texts of which few share more than three words of five; copies; and one file that holds nothing.
    for (const [file, count] of [4500, 700, 0].entries()) {
      const bands = new BandFile(paths[file]!, { ...config, words: 1 });
      for (let index = 0; index < count; index++) {
        const text = `x y z a${(index * index) % 3001} b${(index * 7) % 2003}`;
        await bands.add(documentId(text), text);
      }
      await bands.finish();
    }
    const expected = await plainLinks(paths);
    assert.ok(expected.size > 1000 && new Set(expected.values()).size > 100);
    for (const atOnce of [undefined, 1000]) assert.deepEqual(await linksOf(folder, paths, atOnce), expected);
  }));

await test("a table of hashes gives the document before, however much it grows", () => {
  const hash = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.nat(0xffffffff), fc.boolean());
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 200 }), fc.integer({ min: 1, max: 300 }), (hashes, expected) => {
      const table = new LastOfHash(expected);
      for (let turn = 0; turn < 2; turn++) {
        const plain = new Map<string, number>();
        for (const [document, [few, many, isFew]] of hashes.entries()) {
          const [low, high] = isFew ? [few, 7] : [many, many ^ few];
          const key = `${low} ${high >>> 0}`;
          assert.equal(table.replace(low, high >>> 0, document), plain.get(key));
          plain.set(key, document);
        }
        table.clear();
      }
    }),
  );
});
