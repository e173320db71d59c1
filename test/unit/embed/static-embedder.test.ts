import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ConfigError } from "../../../pipeline/core/errors.ts";
import { createEmbedder, embedderIdentity } from "../../../pipeline/embed/create-embedder.ts";
import { wordVectorsFolder } from "../../../pipeline/embed/model-files.ts";
import { EmbedConfig } from "../../../pipeline/schema/embed-config.ts";
import { cosine, embedWithPipeline, largestDifference } from "../../conformance/embedder-checks.ts";

const embedder = await createEmbedder(EmbedConfig.parse({}));

const texts = [
  "The chef roasted the chicken with garlic, butter and a little lemon juice.",
  "Stocks fell on Tuesday as investors worried about rising interest rates.",
  "def main(): print('hello')  # wörds it has never séen: zxqv!",
  "one",
  "The cat sat on the mat. ".repeat(60),
];

await test("the embedded model has 100 dimensions and knows its name", async () => {
  assert.equal(embedder.dimension, 100);
  assert.equal(await embedderIdentity(EmbedConfig.parse({})), embedder.identity);
});

await test("a text's vector is the sum of its words', whatever their order and case", async () => {
  const [same, doubled] = [await embedder.embed(["dog cat"]), await embedder.embed(["CAT, dog, cat. Dog"])];
  const marks = await embedder.embed(["dog cat ,,."]);
  assert.deepEqual(same, await embedder.embed(["Cat  DOG"]));
  // The marks are words too, of so little weight that they hardly turn the vector.
  assert.ok(cosine(same, marks) > 0.999 && cosine(same, marks) < 1);
  assert.ok(cosine(same, doubled) > 0.999);
});

await test("related words are nearer than unrelated ones", async () => {
  const bread = await embedder.embed(["a recipe for bread and butter"]);
  const cakes = await embedder.embed(["baking cakes with flour"]);
  const senate = await embedder.embed(["the senate vote"]);
  assert.ok(cosine(bread, cakes) > cosine(bread, senate));
});

await test("a text of unknown words is the first axis", async () => {
  for (const text of ["", "zxqvzxqv qqqqqq", "日本語"]) {
    const row = await embedder.embed([text]);
    assert.equal(row[0], 1);
    assert.ok(row.subarray(1).every((value) => value === 0));
  }
});

await test("equal to the graph's own output, pooled: to 1e-6", async () => {
  const reference = await createEmbedder(EmbedConfig.parse({ model: wordVectorsFolder() }));
  const difference = largestDifference(await embedder.embed(texts), await reference.embed(texts));
  await reference.close();
  assert.ok(difference < 1e-6, `${difference}`);
});

await test("equal to the library's pipeline on the same directory: to 1e-5", async () => {
  const expected = await embedWithPipeline(wordVectorsFolder(), texts, { pooling: "mean", quantized: true });
  const difference = largestDifference(await embedder.embed(texts), expected);
  assert.ok(difference < 1e-5, `${difference}`);
});

await test("pooling by [CLS] is refused: the model has no such token", async () => {
  await assert.rejects(createEmbedder(EmbedConfig.parse({ pooling: "cls" })), ConfigError);
});

await test("the committed directory is complete and small, and names its source and licences", async () => {
  const sizes = await Promise.all(
    ["config.json", "tokenizer.json", "tokenizer_config.json", "onnx/model_quantized.onnx", "LICENSE"].map(
      async (name) => (await readFile(join(wordVectorsFolder(), name))).length,
    ),
  );
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 6.5e6);
  const readme = await readFile(join(wordVectorsFolder(), "README.md"), "utf8");
  for (const needed of ["GloVe", "Public Domain Dedication", "MIT", "sha256"])
    assert.ok(readme.includes(needed));
});
