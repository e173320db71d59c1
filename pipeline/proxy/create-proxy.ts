import type { ProxyConfig } from "../schema/proxy-config.ts";
import { externalIdentity } from "./external/external-identity.ts";
import { createNgramProxy, ngramIdentity } from "./ngram/create-ngram-proxy.ts";
import type { Proxy, ProxyInput } from "./proxy.ts";
import { transformerIdentity } from "./transformer/transformer-identity.ts";

export interface ProxyPlace {
  /** Parameters that transformers with a warm start begin from. */
  readonly initial?: Float32Array;
  /** Where external trainers find and leave their files. */
  readonly folder: string;
  readonly tokenizerFolder: string | null;
}

/**
 * The proxy a config asks for. Its own code and packages are loaded when it is: shards start often, and wait for them.
 *
 * @throws as the proxies' own constructors
 */
export async function createProxy(input: ProxyInput, config: ProxyConfig, place: ProxyPlace): Promise<Proxy> {
  if (config.kind === "ngram") return createNgramProxy(input, config);
  if (config.kind === "transformer") {
    const { createTransformerProxy } = await import("./transformer/create-transformer-proxy.ts");
    return createTransformerProxy(input, config, place.initial);
  }
  const { createExternalProxy } = await import("./external/create-external-proxy.ts");
  return createExternalProxy(input, config, place);
}

/** What the proxy's identity would be, without making it. */
export function proxyIdentity(config: ProxyConfig): string {
  if (config.kind === "ngram") return ngramIdentity(config);
  return config.kind === "transformer" ? transformerIdentity(config) : externalIdentity(config);
}
