import assert from "node:assert/strict";
import { test } from "node:test";
import { knownModels } from "../../../pipeline/embed/known-models.ts";
import { embedSettings } from "../../../pipeline/embed/settings.ts";
import { EmbedConfig } from "../../../pipeline/schema/embed-config.ts";

const settings = (config: object) => embedSettings(EmbedConfig.parse(config));

await test("a known model brings its settings, by hub name, short name or folder", () => {
  for (const model of [
    "nomic-ai/nomic-embed-text-v1.5",
    "nomic-embed-text-v1.5",
    "/models/nomic-embed-text-v1.5/",
  ]) {
    assert.deepEqual(settings({ model }), {
      pooling: "mean",
      maxTokens: 512,
      longTexts: "cut",
      prefix: "clustering: ",
      dimension: null,
      centred: true,
    });
  }
  assert.equal(settings({ model: "Xenova/bge-base-en-v1.5" }).pooling, "cls");
  assert.equal(settings({ model: "Xenova/all-MiniLM-L6-v2" }).maxTokens, 256);
  assert.equal(settings({ model: "intfloat/multilingual-e5-small" }).prefix, "query: ");
});

await test("what the config says goes first, and an unknown model gets the usual", () => {
  const known = settings({ model: "gte-small", pooling: "cls", maxTokens: 64, prefix: "x ", dimension: 100 });
  assert.deepEqual([known.pooling, known.maxTokens, known.prefix, known.dimension], ["cls", 64, "x ", 100]);
  assert.equal(settings({ model: "multilingual-e5-small", prefix: "" }).prefix, "");
  const unknown = settings({ model: "someone/constructor" });
  assert.deepEqual([unknown.pooling, unknown.maxTokens, unknown.prefix], ["mean", 512, ""]);
});

await test("more dimensions than a known model has are refused", () => {
  assert.throws(() => settings({ model: "gte-small", dimension: 385 }), /dimension=385 should be <= 384/);
  for (const [model, { fullDimension }] of Object.entries(knownModels)) {
    assert.equal(settings({ model, dimension: fullDimension }).dimension, fullDimension);
  }
});
