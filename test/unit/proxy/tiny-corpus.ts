import type { ProxyDomain, ProxyTarget } from "../../../pipeline/proxy/proxy.ts";

/** A domain of small documents. */
export function domainOf(id: string, documents: readonly (readonly number[])[]): ProxyDomain {
  return { id, ...pack(documents) };
}

/** A target of small documents, each token one byte long. */
export function targetOf(name: string, documents: readonly (readonly number[])[]): ProxyTarget {
  return {
    name,
    ...pack(documents),
    documentBytes: Uint32Array.from(documents, (document) => document.length),
  };
}

function pack(documents: readonly (readonly number[])[]): { tokens: Uint16Array; documentEnds: Uint32Array } {
  let end = 0;
  return {
    tokens: Uint16Array.from(documents.flat()),
    documentEnds: Uint32Array.from(documents, (document) => (end += document.length)),
  };
}
