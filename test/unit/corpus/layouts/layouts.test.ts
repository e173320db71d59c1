import assert from "node:assert/strict";
import { test } from "node:test";
import { discoverFiles } from "../../../../pipeline/corpus/discover.ts";
import { knownLayouts } from "../../../../pipeline/corpus/layouts/known-layouts.ts";
import { unpackVector } from "../../../../pipeline/corpus/bucket-row.ts";
import { readShard } from "../../../../pipeline/corpus/read-shard.ts";
import { recogniseSources } from "../../../../pipeline/corpus/recognise.ts";
import { SourceConfig } from "../../../../pipeline/schema/corpus-config.ts";
import { withTempDir } from "../../../support/temp-dir.ts";
import { jsonLines, limits } from "../ingest-steps.ts";
import { rowsFile } from "../../../../pipeline/corpus/bucket-rows.ts";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { layoutFixtures } from "./layout-fixtures.ts";

/** What is made of a corpus by someone who only says where it lies. */
async function ingested(folder: string, settings: object = {}) {
  const source = SourceConfig.parse({ name: "web", files: join(folder, "corpus"), ...settings });
  const { files, leftAside } = await discoverFiles([source], "/");
  const readings = await recogniseSources([source], files);
  const scores = readings.flatMap((reading) => reading.scores).sort();
  const outDir = join(folder, "out");
  await mkdir(outDir, { recursive: true });
  const quiet = { signal: new AbortController().signal, onProgress: () => {} };
  const counts = await readShard({ files, readings, limits, scores, buckets: 1, outDir, ...quiet });
  const rows = await jsonLines(join(outDir, rowsFile));
  return { readings, leftAside, scores, counts, rows };
}

for (const { layout, write, expected } of layoutFixtures) {
  const place = JSON.stringify(Object.keys(expected));
  await test(`${layout} is recognised, with ${place}`, () =>
    withTempDir(async (folder) => {
      await write(join(folder, "corpus"));
      const { readings, rows, scores, counts } = await ingested(folder);
      assert.deepEqual(
        readings.map((reading) => reading.layout),
        [layout],
      );
      assert.ok(readings[0]!.why.length > 0);
      assert.deepEqual([counts.documents, counts.skipped], [2, 0]);
      const first = rows.find(({ line }) => line === 1)!;
      const found = {
        text: first["text"],
        ...("id" in expected ? { id: first["sourceId"] } : {}),
        ...("url" in expected ? { url: first["url"] } : {}),
        ...(first["language"] === undefined ? {} : { language: first["language"] }),
        ...(first["label"] === undefined ? {} : { label: first["label"] }),
        ...(first["metadata"] === undefined
          ? {}
          : { metadata: JSON.parse(first["metadata"] as string) as unknown }),
        ...(first["vector"] === undefined ? {} : { vector: [...unpackVector(first["vector"] as string)] }),
        ...(scores.length === 0
          ? {}
          : {
              scores: Object.fromEntries(
                scores.map((name, at) => [name, (first["scores"] as unknown[])[at]]),
              ),
            }),
      };
      assert.deepEqual(found, expected);
    }));
}

await test("every layout of the table has a fixture", () => {
  const tried = new Set(layoutFixtures.map(({ layout }) => layout));
  assert.deepEqual(
    knownLayouts.map(({ name }) => name).filter((name) => !tried.has(name)),
    [],
  );
});
