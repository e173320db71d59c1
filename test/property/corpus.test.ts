import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { discoverFiles, type InputFile } from "../../pipeline/corpus/discover.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { merge, read } from "../unit/corpus/ingest-steps.ts";

const buckets = 2;

/** Name to bytes of everything merging writes, for files read in these shards. */
async function ingest(
  folder: string,
  shards: readonly (readonly InputFile[])[],
): Promise<Map<string, string>> {
  const out = await mkdtemp(join(folder, "run-"));
  const readDirs = shards.map((_, index) => join(out, `read-${index}`));
  for (const [index, files] of shards.entries())
    await read(readDirs[index]!, files, { buckets, scores: ["score"] });
  const written = new Map<string, string>();
  for (let bucket = 0; bucket < buckets; bucket++) {
    const dir = join(out, `merged-${bucket}`);
    written.set(
      `counts-${bucket}`,
      JSON.stringify(await merge(dir, readDirs, { index: bucket, buckets, scores: ["score"] })),
    );
    for (const name of await readdir(dir)) {
      written.set(`${bucket}/${name}`, (await readFile(join(dir, name))).toString("base64"));
    }
  }
  return written;
}

const record = fc.record({
  text: fc.constantFrom("alpha", "beta", "gamma", "delta", "a longer text", "\u{1F600} odd \u2028 text"),
  id: fc.option(fc.nat(9), { nil: undefined }),
  score: fc.double({ noNaN: true, noDefaultInfinity: true }),
});

await test("ingest writes the same bytes however its files are ordered and shared out to shards", async () => {
  await withTempDir(async (folder) => {
    const cuts = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 });
    const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 });
    const contents = fc.array(fc.array(record, { minLength: 1, maxLength: 6 }), {
      minLength: 4,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(contents, order, cuts, async (contents, order, cuts) => {
        for (const [index, rows] of contents.entries()) {
          const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
          await writeFile(join(folder, `${index}.jsonl`), lines);
        }
        const sources = ["web", "books"].map((name, index) => ({
          name,
          files: [join(folder, `${2 * index}.jsonl`), join(folder, `${2 * index + 1}.jsonl`)],
          format: "auto" as const,
        }));
        const { files } = await discoverFiles(sources, folder);
        const shards: InputFile[][] = [[]];
        for (const index of order) {
          if (cuts[index]) shards.push([]);
          shards.at(-1)!.push(files[index]!);
        }
        assert.deepEqual(await ingest(folder, shards), await ingest(folder, [files]));
      }),
      { numRuns: 12 },
    );
  });
});
