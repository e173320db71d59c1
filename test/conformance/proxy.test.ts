import { createNgramReference } from "../../pipeline/proxy/ngram-reference.ts";
import { createNgramProxy } from "../../pipeline/proxy/ngram/create-ngram-proxy.ts";
import { NgramProxyConfig } from "../../pipeline/schema/proxy-config.ts";
import { proxySuite } from "./proxy.suite.ts";

const config = NgramProxyConfig.parse({});

await proxySuite("ngram", (input) => createNgramProxy(input, config));
await proxySuite("ngram-reference", (input) => createNgramReference(input, config));
