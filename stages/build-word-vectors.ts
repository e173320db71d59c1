/**
 * Builds data/models/word-vectors, the embedded default of the embed stage. Its result is committed; run it
 * again only to change the vocabulary or the precision:
 *
 *   node dist/stages/build-word-vectors.js [--words 30000] [--precision fp32] [--source FILE.tgz] [--out DIR]
 */
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { writeFileAtomic } from "../pipeline/core/atomic-file.ts";
import { ConfigError } from "../pipeline/core/errors.ts";
import { wordVectorsFolder } from "../pipeline/embed/model-files.ts";
import { fetchWordVectors } from "./word-vectors/fetch-word-vectors.ts";
import { floatGatherModel, int8GatherModel } from "./word-vectors/gather-graph.ts";
import { modelConfig, readme, tokenizer, tokenizerConfig } from "./word-vectors/model-directory.ts";
import { quantiseRows } from "./word-vectors/quantise-rows.ts";
import { buildVectorTable } from "./word-vectors/vector-table.ts";

const { values } = parseArgs({
  options: {
    words: { type: "string", default: "30000" },
    precision: { type: "string", default: "int8" },
    source: { type: "string" },
    out: { type: "string", default: wordVectorsFolder() },
  },
});
const words = Number(values.words);
if (!Number.isSafeInteger(words) || words < 1) {
  throw new ConfigError(`--words ${values.words} should be a positive integer`, "for example --words 30000");
}
if (values.precision !== "int8" && values.precision !== "fp32") {
  throw new ConfigError(`--precision ${values.precision} should be int8 or fp32`);
}

const vectors = await fetchWordVectors(values.source);
const table = buildVectorTable(vectors, words);
const files: Record<string, string | Uint8Array> = {
  "config.json": modelConfig(table),
  "tokenizer.json": tokenizer(table),
  "tokenizer_config.json": tokenizerConfig(),
  "onnx/model_quantized.onnx": int8GatherModel(quantiseRows(table.rows, table.dimension), table.dimension),
  "README.md": readme(table, `node dist/stages/build-word-vectors.js --words ${words}`),
  LICENSE: vectors.licence,
};
if (values.precision === "fp32") files["onnx/model.onnx"] = floatGatherModel(table.rows, table.dimension);
for (const [name, data] of Object.entries(files)) {
  const path = join(values.out, name);
  await writeFileAtomic(path, data);
  console.log(`${relative(process.cwd(), path)}  ${Buffer.byteLength(data)} bytes`);
}
