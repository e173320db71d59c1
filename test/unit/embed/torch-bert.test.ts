/**
 * A small BERT of random weights against PyTorch 1.13 on the same weights. What PyTorch gave was recorded by
 *
 *   UPDATE_RECORDED=1 node dist/test/unit/embed/torch-bert.test.js
 *
 * with Debian's python3-torch; the program is in test/bench/embed/torch-peer.ts.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createEmbedder } from "../../../pipeline/embed/create-embedder.ts";
import { loadTokenizer } from "../../../pipeline/embed/load-tokenizer.ts";
import { embedSettings } from "../../../pipeline/embed/settings.ts";
import { EmbedConfig } from "../../../pipeline/schema/embed-config.ts";
import { packageRoot } from "../../../stages/parts/tool-version.ts";
import { randomWeights, writeBert } from "../../bench/embed/mini-lm.ts";
import { measureTorch } from "../../bench/embed/torch-peer.ts";
import { cosine, largestDifference } from "../../conformance/embedder-checks.ts";
import { withTempDir } from "../../support/temp-dir.ts";

const shape = { layers: 2, width: 32, heads: 4, inner: 48, vocabulary: 400, positions: 64 };
const path = join(packageRoot, "test", "unit", "embed", "recorded", "torch-bert.json");
const texts = [
  "a",
  "the first of all",
  "it was said that they had to go there before the end of the year",
  "Wörds in pieces, and marks: (1) two; 3.5%!",
  "the same again and again ".repeat(20),
];

await withTempDir(async (folder) => {
  const weights = randomWeights(shape);
  await writeBert(folder, weights, shape);
  const config = (precision: "fp32" | "int8") => EmbedConfig.parse({ model: folder, precision });
  const windows = await loadTokenizer(folder, shape.positions, embedSettings(config("fp32")));
  const ids = texts.map((text) => windows(text)[0]!);

  if (process.env["UPDATE_RECORDED"] === "1") {
    const torch = await measureTorch(folder, weights, shape, ids, 1);
    await writeFile(path, `${JSON.stringify({ by: torch!.name, ids, rows: torch!.rows })}\n`);
  }
  const recorded = JSON.parse(await readFile(path, "utf8")) as { ids: number[][]; rows: number[][] };

  await test("token ids are those PyTorch was given", () => {
    assert.deepEqual(ids, recorded.ids);
  });

  await test("vectors equal PyTorch's to 1e-5 in fp32, and point the same way in int8", async () => {
    for (const precision of ["fp32", "int8"] as const) {
      const embedder = await createEmbedder(config(precision));
      const rows = await embedder.embed(texts);
      await embedder.close();
      for (const [i, expected] of recorded.rows.entries()) {
        const row = rows.subarray(i * shape.width, (i + 1) * shape.width);
        const wanted = Float32Array.from(expected);
        if (precision === "fp32") assert.ok(largestDifference(row, wanted) < 1e-5, texts[i]);
        else assert.ok(cosine(row, wanted) > 0.999, `${cosine(row, wanted)} for '${texts[i]}'`);
      }
    }
  });
});
