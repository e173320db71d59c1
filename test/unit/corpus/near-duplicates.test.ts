import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { documentId } from "../../../pipeline/corpus/bucket-row.ts";
import {
  bandsFile,
  documentsSharingBand,
  readNearDuplicates,
  writeNearDuplicates,
} from "../../../pipeline/corpus/near-duplicates.ts";
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

/** The list of near duplicates of some shards of texts. */
async function listOf(folder: string, shards: readonly (readonly string[])[]): Promise<string> {
  const paths: string[] = [];
  for (const [index, texts] of shards.entries()) {
    const lines = texts.map((text) => `${JSON.stringify({ text })}\n`).join("");
    const out = join(folder, `read-${index}`);
    const limits = { minCharacters: 0, maxCharacters: 1e6, onBadFile: "error" as const };
    await read(out, [await putFile(folder, `${index}.jsonl`, lines)], { nearDuplicates: config, limits });
    paths.push(join(out, bandsFile));
  }
  const pairs: Uint32Array[] = [];
  for (let band = 0; band < config.bands; band++)
    pairs.push(await documentsSharingBand(paths, band, config.bands));
  const list = join(folder, "list.txt");
  await writeNearDuplicates(list, paths, config.bands, pairs);
  return list;
}

await test("of linked documents the smallest id stays; the others go, and say for which", () =>
  withTempDir(async (folder) => {
    const first = article(1);
    // The middle one is like both others, which are less like each other.
    const chain = [first, changed(first, 67), changed(changed(first, 67), 61, "else")];
    const apart = [article(2), changed(article(2), 3), "short", "short text"];
    const list = await listOf(folder, [
      [chain[2]!, ...apart],
      [chain[0]!, chain[0]!, chain[1]!],
    ]);
    const ids = chain.map(documentId).sort();
    const found = await readNearDuplicates(list, () => true);
    assert.deepEqual(
      found,
      new Map([
        [ids[1]!, ids[0]!],
        [ids[2]!, ids[0]!],
      ]),
    );
    assert.deepEqual(await readNearDuplicates(list, (id) => id === ids[2]), new Map([[ids[2]!, ids[0]!]]));

    const out = join(folder, "merged");
    const counts = await merge(out, [join(folder, "read-0"), join(folder, "read-1")], {
      nearDuplicates: found,
    });
    assert.equal(counts.documents, 5);
    const reasons = (await jsonLines(join(out, "duplicates.jsonl"))).map(({ reason }) => String(reason));
    assert.equal(reasons.filter((reason) => reason === "near-duplicate").length + 1, reasons.length);
    assert.ok(reasons.includes("duplicate"));
  }));

await test("the list does not depend on the order of documents or files", () =>
  withTempDir(async (folder) => {
    const texts = Array.from({ length: 12 }, (_, index) => changed(article(index % 4, 120), 40 + index));
    const lists = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(texts, { minLength: texts.length }),
        fc.integer({ min: 1, max: 11 }),
        async (order, cut) => {
          lists.add(await readFile(await listOf(folder, [order.slice(0, cut), order.slice(cut)]), "utf8"));
          assert.equal(lists.size, 1);
        },
      ),
      { numRuns: 8 },
    );
    assert.ok([...lists][0]!.split("\n").length > 4);
  }));
