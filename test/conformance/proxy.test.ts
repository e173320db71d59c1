import { join } from "node:path";
import { quote } from "zx";
import { createExternalProxy } from "../../pipeline/proxy/external/create-external-proxy.ts";
import { createNgramReference } from "../../pipeline/proxy/ngram-reference.ts";
import { createNgramProxy } from "../../pipeline/proxy/ngram/create-ngram-proxy.ts";
import { sequenceShape } from "../../pipeline/proxy/token-plan.ts";
import { createTransformerProxy } from "../../pipeline/proxy/transformer/create-transformer-proxy.ts";
import {
  ExternalProxyConfig,
  NgramProxyConfig,
  TransformerProxyConfig,
} from "../../pipeline/schema/proxy-config.ts";
import { packageRoot } from "../../stages/parts/tool-version.ts";
import { withTempDir } from "../support/temp-dir.ts";
import { proxySuite } from "./proxy.suite.ts";

const config = NgramProxyConfig.parse({});

await proxySuite("ngram", (input) => createNgramProxy(input, config));
await proxySuite("ngram-reference", (input) => createNgramReference(input, config));

const transformer = TransformerProxyConfig.parse({
  kind: "transformer",
  width: 16,
  layers: 1,
  heads: 2,
  contextTokens: 16,
  batchSequences: 8,
  learningRate: 0.02,
});
await proxySuite("transformer", (input) => createTransformerProxy(input, transformer), {
  sequences: sequenceShape(transformer),
  budgetTokens: 16_000,
});

const trainer = join(packageRoot, "dist/test/support/fake-trainer.js");
const external = ExternalProxyConfig.parse({
  kind: "external",
  command: `${quote(process.execPath)} ${quote(trainer)}`,
  contextTokens: 16,
  batchSequences: 8,
});
await withTempDir(async (folder) => {
  let inputs = 0;
  const place = () => ({ folder: join(folder, `${inputs++}`), tokenizerFolder: null });
  await proxySuite("external", (input) => createExternalProxy(input, external, place()), {
    sequences: sequenceShape(external),
    budgetTokens: 16_000,
  });
});
