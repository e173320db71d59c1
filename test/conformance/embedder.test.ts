import { createEmbedder } from "../../pipeline/embed/create-embedder.ts";
import { wordVectorsFolder } from "../../pipeline/embed/model-files.ts";
import { EmbedConfig } from "../../pipeline/schema/embed-config.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { embedderSuite } from "./embedder.suite.ts";
import { writeTinyBert } from "./embedder-tiny-bert.ts";

await withTempDir(async (tiny) => {
  await writeTinyBert(tiny);
  for (const [name, model] of [
    ["word-vectors by look-up", "word-vectors"],
    ["word-vectors by its graph", wordVectorsFolder()],
    ["Universal Sentence Encoder Lite", "use-lite"],
    ["a transformer", tiny],
  ] as const) {
    await embedderSuite(name, async (settings) => createEmbedder(EmbedConfig.parse({ model, ...settings })));
  }
});
