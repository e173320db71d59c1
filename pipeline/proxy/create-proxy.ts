import type { ProxyConfig } from "../schema/proxy-config.ts";
import { createNgramProxy, ngramIdentity } from "./ngram/create-ngram-proxy.ts";
import type { Proxy, ProxyInput } from "./proxy.ts";
import { createTransformerProxy, transformerIdentity } from "./transformer/create-transformer-proxy.ts";

/**
 * The proxy a config asks for.
 *
 * @param initial Parameters that transformers with a warm start begin from.
 * @throws as the proxies' own constructors
 */
export function createProxy(input: ProxyInput, config: ProxyConfig, initial?: Float32Array): Proxy {
  return config.kind === "ngram"
    ? createNgramProxy(input, config)
    : createTransformerProxy(input, config, initial);
}

/** What the proxy's identity would be, without making it. */
export function proxyIdentity(config: ProxyConfig): string {
  return config.kind === "ngram" ? ngramIdentity(config) : transformerIdentity(config);
}
