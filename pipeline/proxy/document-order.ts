import type { Random } from "../math/random.ts";
import type { ProxyDomain } from "./proxy.ts";

/** The first tokens of a domain's documents in their seeded order. */
export interface DocumentStream {
  tokens: Uint16Array | Uint32Array;
  /** Ascending positions in `tokens` at which a document starts; the last document may be cut. */
  documentStarts: number[];
}

/**
 * Shuffles a domain's documents once per seed and returns the first `length` tokens. Streams of different lengths are
 * prefixes of each other, so mixtures that take more of a domain see what the others saw, and then more.
 */
export function streamDocuments(domain: ProxyDomain, length: number, seed: Random): DocumentStream {
  const order = seed
    .fork(`document-order/${domain.id}`)
    .shuffle(Uint32Array.from(domain.documentEnds.keys()));
  const tokens = domain.tokens.slice(0, length);
  const documentStarts: number[] = [];
  let filled = 0;
  for (const document of order) {
    if (filled === length) break;
    const start = document === 0 ? 0 : domain.documentEnds[document - 1]!;
    const end = Math.min(domain.documentEnds[document]!, start + length - filled);
    if (end === start) continue;
    documentStarts.push(filled);
    tokens.set(domain.tokens.subarray(start, end), filled);
    filled += end - start;
  }
  return { tokens, documentStarts };
}
