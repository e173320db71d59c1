import type { ProxyConfig } from "../schema/proxy-config.ts";
import { createExternalProxy, externalIdentity } from "./external/create-external-proxy.ts";
import { createNgramProxy, ngramIdentity } from "./ngram/create-ngram-proxy.ts";
import type { Proxy, ProxyInput } from "./proxy.ts";
import { createTransformerProxy, transformerIdentity } from "./transformer/create-transformer-proxy.ts";

export interface ProxyPlace {
  /** Parameters that transformers with a warm start begin from. */
  readonly initial?: Float32Array;
  /** Where external trainers find and leave their files. */
  readonly folder: string;
  readonly tokenizerFolder: string | null;
}

/**
 * The proxy a config asks for.
 *
 * @throws as the proxies' own constructors
 */
export function createProxy(input: ProxyInput, config: ProxyConfig, place: ProxyPlace): Proxy {
  if (config.kind === "ngram") return createNgramProxy(input, config);
  if (config.kind === "transformer") return createTransformerProxy(input, config, place.initial);
  return createExternalProxy(input, config, place);
}

/** What the proxy's identity would be, without making it. */
export function proxyIdentity(config: ProxyConfig): string {
  if (config.kind === "ngram") return ngramIdentity(config);
  return config.kind === "transformer" ? transformerIdentity(config) : externalIdentity(config);
}
