import type { Random } from "../math/random.ts";
import type { ProxyDomain } from "./proxy.ts";
import type { DomainSize } from "./token-plan.ts";

/** The first tokens of a domain's pool. */
export interface DocumentStream {
  tokens: Uint16Array | Uint32Array;
  /** Ascending positions in `tokens` at which a document starts; the last document may be cut. */
  documentStarts: number[];
}

/** What the token plan counts a domain as. */
export function domainSize({ id, documentEnds, runTokens }: Omit<ProxyDomain, "tokens">): DomainSize {
  return { id, tokens: documentEnds.at(-1) ?? 0, ...(runTokens !== undefined && { runTokens }) };
}

/**
 * Where in a domain's tokens its pool begins: at one of its documents, by seed. From there the pool reads on, past the
 * domain's end to its first document. The documents were put in a random order when they were stored, so a part of
 * them in a row is a random part, and another seed gives other documents without storing them in another order.
 */
export function poolStart(
  { id, documentEnds }: Pick<ProxyDomain, "id" | "documentEnds">,
  seed: Random,
): number {
  if (documentEnds.length === 0) return 0;
  const document = seed.fork(`pool/${id}`).below(documentEnds.length);
  return document === 0 ? 0 : documentEnds[document - 1]!;
}

/**
 * The first `length` tokens of a domain's pool. Streams of different lengths are prefixes of each other, so mixtures
 * that take more of a domain see what the others saw, and then more.
 *
 * @param length At most all tokens of the domain.
 */
export function streamDocuments(domain: ProxyDomain, length: number, seed: Random): DocumentStream {
  const { tokens, documentEnds } = domain;
  const start = poolStart(domain, seed);
  const beforeEnd = Math.min(length, tokens.length - start);
  const stream = tokens.slice(0, length);
  stream.set(tokens.subarray(start, start + beforeEnd));
  stream.set(tokens.subarray(0, length - beforeEnd), beforeEnd);
  const documentStarts: number[] = [];
  let documentStart = 0;
  for (const end of documentEnds) {
    const position = (documentStart - start + tokens.length) % tokens.length;
    if (end > documentStart && position < length) documentStarts.push(position);
    documentStart = end;
  }
  return { tokens: stream, documentStarts: documentStarts.sort((left, right) => left - right) };
}
