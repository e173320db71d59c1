import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { InputError } from "../../../pipeline/core/errors.ts";
import { encodeModel } from "../../../pipeline/core/onnx-model.ts";
import { createEmbedder } from "../../../pipeline/embed/create-embedder.ts";
import { sentenceEncoderGraph } from "../../../pipeline/embed/sentence-encoder/graph.ts";
import {
  findSentenceEncoder,
  readVocabulary,
  readWeights,
} from "../../../pipeline/embed/sentence-encoder/package-files.ts";
import { PieceTokenizer } from "../../../pipeline/embed/sentence-encoder/piece-tokenizer.ts";
import { quantiseColumns } from "../../../pipeline/embed/sentence-encoder/quantise-columns.ts";
import { EmbedConfig } from "../../../pipeline/schema/embed-config.ts";
import { packageRoot } from "../../../stages/parts/tool-version.ts";
import { cosine, largestDifference } from "../../conformance/embedder-checks.ts";
import { withTempDir } from "../../support/temp-dir.ts";

/** Written by recorded/use-lite.mjs with TensorFlow.js. */
const recorded = JSON.parse(
  await readFile(join(packageRoot, "test", "unit", "embed", "recorded", "use-lite.json"), "utf8"),
) as { text: string; ids: number[]; vector: number[] }[];

await test("pieces by hand: the likeliest cut, unknown characters, ties", () => {
  const control = Array.from({ length: 6 }, () => ({ piece: "?", score: 0 }));
  const pieces = (scores: Readonly<Record<string, number>>) =>
    new PieceTokenizer([...control, ...Object.entries(scores).map(([piece, score]) => ({ piece, score }))]);
  const tokenizer = pieces({ "▁": -1, a: -2, b: -2, ab: -3, "▁ab": -4.5, "▁a": -2.5 });
  // ▁ab -4.5 = ▁a + b -4.5: the shorter last piece; then ▁ + ab -4 is better than both.
  assert.deepEqual([...tokenizer.encode("ab")], [6, 9]);
  assert.deepEqual([...tokenizer.encode("")], []);
  assert.deepEqual([...tokenizer.encode("a xyz🙂 b")], [11, 6, 0, 6, 8]);
  assert.deepEqual([...pieces({ "▁": -1, "▁a": -3, a: -2 }).encode("a")], [6, 8]);
});

await test("equal to the reference search over every cut of short texts", () => {
  const scores = { "▁": -1.5, a: -2.25, b: -2, ab: -3.5, ba: -4, aba: -5, "▁a": -3, "▁ab": -5.25 };
  const vocabulary = Object.entries(scores).map(([piece, score]) => ({ piece, score }));
  const control = Array.from({ length: 6 }, () => ({ piece: "?", score: 0 }));
  const tokenizer = new PieceTokenizer([...control, ...vocabulary]);
  const bestOf = (rest: string): number =>
    rest === ""
      ? 0
      : Math.max(
          ...vocabulary
            .filter(({ piece }) => rest.startsWith(piece))
            .map(({ piece, score }) => score + bestOf(rest.slice(piece.length))),
        );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "b", " "), minLength: 1, maxLength: 9 }), (text) => {
      const ids = [...tokenizer.encode(text)];
      const marked = `▁${text.replaceAll(" ", "▁")}`;
      assert.equal(ids.map((id) => vocabulary[id - 6]!.piece).join(""), marked);
      assert.equal(
        ids.reduce((sum, id) => sum + vocabulary[id - 6]!.score, 0),
        bestOf(marked),
      );
    }),
  );
});

await test("the package's pieces cut the recorded texts as TensorFlow.js' tokenizer does", async () => {
  const tokenizer = new PieceTokenizer(await readVocabulary((await findSentenceEncoder()).vocabulary));
  for (const { text, ids } of recorded) assert.deepEqual([...tokenizer.encode(text)], ids, text);
});

await test("fp32 vectors equal those of TensorFlow.js to 1e-5; int8 ones have a cosine above .998", async () => {
  for (const [precision, tolerance] of [
    ["fp32", 1e-5],
    ["int8", 0.05],
  ] as const) {
    const embedder = await createEmbedder(EmbedConfig.parse({ model: "use-lite", precision }));
    assert.equal(embedder.dimension, 512);
    for (const { text, vector } of recorded) {
      const expected = Float32Array.from(vector);
      // White space is one space, wherever it comes from.
      const row = await embedder.embed([` ${text.replaceAll(" ", "\n\t ")}\n`]);
      const difference = largestDifference(row, expected);
      assert.ok(difference < tolerance, `${precision}: ${difference} for '${text}'`);
      assert.ok(cosine(row, expected) > 0.998, `${precision}: ${cosine(row, expected)} for '${text}'`);
    }
    await embedder.close();
  }
});

await test("tokens beyond the model's 128 are not seen", async () => {
  const embedder = await createEmbedder(EmbedConfig.parse({ model: "use-lite" }));
  const start = "one two three four five six seven eight ".repeat(16);
  const [left, right] = [await embedder.embed([`${start} end`]), await embedder.embed([`${start} other`])];
  assert.deepEqual(left, right);
  await embedder.close();
});

await test("int8 by hand: a column's largest value is 127 or -127, zero columns stay zero", () => {
  const { values, scales } = quantiseColumns(Float32Array.of(1, 0, -4, -0.5, 0, 2), 3);
  assert.deepEqual([...values], [127, 0, -127, -64, 0, 64]);
  assert.deepEqual(scales, Float32Array.of(1 / 127, 0, 4 / 127));
});

await test("the graph has the same bytes each time", async () => {
  const weights = await readWeights(await findSentenceEncoder());
  const make = () => encodeModel(sentenceEncoderGraph(weights, "int8"), { irVersion: 8, opset: 17 });
  assert.deepEqual(Buffer.compare(make(), make()), 0);
});

await test("files that are cut short or of another model are refused by name", async () => {
  const files = await findSentenceEncoder();
  await withTempDir(async (dir) => {
    await mkdir(dir, { recursive: true });
    const weights = await Promise.all(
      files.weights.map(async (path) => {
        const to = join(dir, basename(path));
        await copyFile(path, to);
        return to;
      }),
    );
    await truncate(weights.at(-1)!, 1000);
    await assert.rejects(readWeights({ ...files, weights }), (error: InputError) => {
      assert.ok(error instanceof InputError);
      return /model\.json are cut short/.test(error.message);
    });
    await assert.rejects(readVocabulary(files.graph), InputError);
    const whole = await readWeights(files);
    assert.throws(() => whole("module/Embeddings_en", 7), /no one weight .*Embeddings_en of 7 values/);
    await writeFile(join(dir, "vocab.json"), "[[1]]");
    await assert.rejects(readVocabulary(join(dir, "vocab.json")), /vocab\.json cannot be used/);
  });
});
