/** The embed stage on a corpus that changes, and on one that brings its embeddings. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readNpy } from "../../pipeline/core/npy.ts";
import { readDocuments } from "../../pipeline/corpus/read-documents.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { runClimb } from "../support/tiny-run.ts";

const nouns = ["river", "engine", "senate", "garlic", "violin", "galaxy", "contract", "glacier"];
const texts = Array.from(
  { length: 130 },
  (_, i) =>
    `Document ${i} is about a ${nouns[i % 8]} and the ${nouns[(i >> 3) % 8]} beside it, told in ${i} words.`,
);

interface Document {
  readonly text: string;
  readonly embedding?: readonly number[];
}

async function writeRun(dir: string, documents: readonly Document[], embed: string): Promise<void> {
  await writeFile(join(dir, "corpus.jsonl"), documents.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const target = {
    text: "A target about a river.",
    ...(documents[0]!.embedding && { embedding: [1, 0, 0] }),
  };
  await writeFile(join(dir, "target.jsonl"), `${JSON.stringify(target)}\n`);
  await writeFile(
    join(dir, "run.yaml"),
    `corpus: { sources: [{ name: all, files: corpus.jsonl }], minCharacters: 1 }
targets: [{ name: target, files: target.jsonl }]
embed: { shardDocuments: 60, ${embed} }
budget: { targetTokens: 1000 }
`,
  );
}

/** Every vector by its text, from the embed artifact of the corpus, and its folder's name. */
async function vectorsOf(dir: string, documents: number) {
  const artifacts = join(dir, "data", "artifacts");
  for (const name of await readdir(artifacts)) {
    if (!name.startsWith("embed-")) continue;
    const file = JSON.parse(await readFile(join(artifacts, name, "artifact.json"), "utf8")) as {
      inputs: { corpus: string };
      result: { rows: number; dimension: number; files: { path: string }[] };
    };
    if (file.result.rows !== documents) continue;
    const { dimension } = file.result;
    const found = new Map<string, Float32Array>();
    const rows: string[] = [];
    const table = join(artifacts, file.inputs.corpus, "documents-00000.parquet");
    for await (const batch of readDocuments(table, ["text"], { batchRows: 1000 })) {
      rows.push(...batch.map(({ text }) => text as string));
    }
    for (const { path } of file.result.files) {
      const { data } = await readNpy(join(artifacts, name, path));
      for (let start = 0; start < data.length; start += dimension) {
        found.set(rows[found.size]!, (data as Float32Array).slice(start, start + dimension));
      }
    }
    return { name, found };
  }
  throw new Error(`no embed artifact of ${documents} documents in ${artifacts}`);
}

await test("a changed corpus is embedded only where it changed, to the same bytes as anew", () =>
  withTempDir(async (old) =>
    withTempDir(async (fresh) => {
      const before = texts.slice(0, 110).map((text) => ({ text }));
      const after = texts.slice(20).map((text) => ({ text }));
      await writeRun(old, before, "model: word-vectors");
      const first = await runClimb(old, "embed", "run.yaml");
      assert.equal(first.code, 0, first.stderr);
      assert.doesNotMatch(first.stderr, /from earlier runs/);

      await writeRun(old, after, "model: word-vectors");
      await writeRun(fresh, after, "model: word-vectors");
      const second = await runClimb(old, "embed", "run.yaml");
      assert.equal(second.code, 0, second.stderr);
      // 20 to 109 were there, 110 to 129 are new.
      assert.match(second.stderr, /90 of 110 vectors are from earlier runs/);
      assert.equal((await runClimb(fresh, "embed", "run.yaml")).code, 0);
      const { found } = await vectorsOf(fresh, after.length);
      assert.deepEqual([...found.keys()].toSorted(), texts.slice(20).toSorted());
      const names = await Promise.all(
        [old, fresh].map(async (dir) => {
          const folder = join(dir, "data", "artifacts");
          const embedded = (await readdir(folder)).filter((name) => name.startsWith("embed-"));
          return Promise.all(
            embedded.map(async (name) => [name, await readFile(join(folder, name, "artifact.json"), "utf8")]),
          );
        }),
      );
      const files = new Map(names[0] as [string, string][]);
      for (const [name, text] of names[1] as [string, string][]) assert.equal(files.get(name), text);
    }),
  ));

await test("embeddings that documents bring are taken, scaled to length 1; odd ones are refused by name", () =>
  withTempDir(async (dir) => {
    const documents = texts.slice(0, 60).map((text, i) => ({ text, embedding: [i + 1, 2, -2] }));
    await writeRun(dir, documents, "readyMade: true");
    const run = await runClimb(dir, "embed", "run.yaml");
    assert.equal(run.code, 0, run.stderr);
    const { found } = await vectorsOf(dir, 60);
    for (const { text, embedding } of documents) {
      const length = Math.hypot(...embedding);
      for (const [i, value] of embedding.entries()) {
        assert.ok(Math.abs(found.get(text)![i]! - value / length) < 1e-6, text);
      }
    }

    // One document brings none, and the model that would embed it has other dimensions.
    await writeRun(dir, [...documents, { text: texts[60]! }], "readyMade: true");
    const mixed = await runClimb(dir, "embed", "run.yaml");
    assert.equal(mixed.code, 3);
    assert.match(mixed.stderr, /embedded by word-vectors: dimensions 3 and 100/);

    // The targets bring vectors, the corpus none: they cannot be compared.
    await writeRun(dir, documents, "readyMade: true");
    await writeFile(
      join(dir, "corpus.jsonl"),
      documents.map(({ text }) => `${JSON.stringify({ text })}\n`).join(""),
    );
    const apart = await runClimb(dir, "holdout", "run.yaml");
    assert.equal(apart.code, 3);
    assert.match(apart.stderr, /vectors of 100 dimensions, the targets of 3/);
  }));
