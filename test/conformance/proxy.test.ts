import { createNgramReference } from "../../pipeline/proxy/ngram-reference.ts";
import { createNgramProxy } from "../../pipeline/proxy/ngram/create-ngram-proxy.ts";
import {
  createTransformerProxy,
  sequenceShape,
} from "../../pipeline/proxy/transformer/create-transformer-proxy.ts";
import { NgramProxyConfig, TransformerProxyConfig } from "../../pipeline/schema/proxy-config.ts";
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
