import { createEmbedder } from "../../pipeline/embed/create-embedder.ts";
import { wordVectorsFolder } from "../../pipeline/embed/model-files.ts";
import { EmbedConfig } from "../../pipeline/schema/embed-config.ts";
import { withEmbeddingServer } from "../support/embedding-server.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { embedderSuite } from "./embedder.suite.ts";
import { writeTinyBert } from "./embedder-tiny-bert.ts";

await withTempDir(async (tiny) => {
  await writeTinyBert(tiny);
  for (const [name, usual] of [
    ["word-vectors by look-up", { model: "word-vectors" }],
    ["word-vectors by its graph", { model: wordVectorsFolder() }],
    ["Universal Sentence Encoder Lite in int8", { model: "use-lite" }],
    ["Universal Sentence Encoder Lite in fp32", { model: "use-lite", precision: "fp32" }],
    ["a transformer", { model: tiny }],
    ["a transformer with the last token", { model: tiny, pooling: "last-token", dimension: 7 }],
  ] as const) {
    await embedderSuite(name, async (settings) =>
      createEmbedder(EmbedConfig.parse({ ...usual, ...settings })),
    );
  }
});

await withEmbeddingServer({}, async ({ url }) => {
  const http = EmbedConfig.parse({ http: { url, batchTexts: 3 } }).http;
  await embedderSuite(
    "a server",
    async (settings) => createEmbedder(EmbedConfig.parse({ model: "served", http, ...settings })),
    (words) => ({ http: { ...http, maxCharacters: 4 * words } }),
  );
});
