/** Losses on the domains' own held-out text: each by itself, and all of them as one more target. */
import { bitsPerByte, type ProxyTarget } from "../proxy/proxy.ts";
import type { DomainLoss } from "../schema/search.ts";

/** @param documentNats by target, then document */
export function domainLosses(
  targets: readonly ProxyTarget[],
  documentNats: readonly ArrayLike<number>[],
): DomainLoss[] {
  return targets.flatMap(({ domain, documentBytes }, t) =>
    domain === undefined ? [] : [{ domain, bitsPerByte: bitsPerByte(documentNats[t]!, documentBytes) }],
  );
}

/**
 * The domains' documents as those of one target, a domain after the other, each domain's values divided by its bytes. Their
 * nats over their bytes are then the mean over the domains, and resampling documents resamples that.
 *
 * @param valuesOf nats or bytes of the documents of targets[t]
 */
export function scaledByDomain(
  targets: readonly ProxyTarget[],
  valuesOf: (t: number) => ArrayLike<number>,
): number[] {
  return targets.flatMap(({ domain, documentBytes }, t) => {
    if (domain === undefined) return [];
    const bytes = documentBytes.reduce((sum, size) => sum + size, 0);
    return Array.from(valuesOf(t), (value) => value / bytes);
  });
}
