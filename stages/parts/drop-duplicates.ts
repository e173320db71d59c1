import type { Artifact } from "../../pipeline/core/artifact.ts";
import { InputError } from "../../pipeline/core/errors.ts";
import type { DomainTable } from "../../pipeline/schema/domain.ts";
import type { DomainsConfig } from "../../pipeline/schema/domains-config.ts";
import type { EmbedResult } from "../embed.ts";
import { readEmbeddings } from "./embeddings.ts";

export interface Duplicates {
  /** Row to the row it nearly duplicates. */
  readonly of: ReadonlyMap<number, number>;
  readonly account: NonNullable<DomainTable["duplicates"]>;
}

/**
 * Finds near duplicates among the documents of the domains and, if the config says so, takes them out of rowDomain.
 *
 * @throws InputError if nothing is left of a domain
 */
export async function dropDuplicates(
  { minCosine, drop }: NonNullable<DomainsConfig["duplicates"]>,
  vectors: Artifact<EmbedResult>,
  rows: {
    readonly assignments: Int32Array;
    /** Changed if duplicates are dropped. */
    readonly rowDomain: Int32Array;
    readonly tokens: Uint32Array;
    /** Of the domains. */
    readonly ids: readonly string[];
  },
): Promise<Duplicates> {
  const { assignments, rowDomain, tokens, ids } = rows;
  const { vectors: data, dimension } = await readEmbeddings(vectors);
  const inDomains = [...rowDomain.keys()].filter((row) => rowDomain[row]! >= 0);
  // Brings a native module, which few runs need.
  const { findNearDuplicates } = await import("../../pipeline/domains/near-duplicates.ts");
  const found = findNearDuplicates({ vectors: data, dimension, rows: inDomains, minCosine });
  const byDomain = ids.map(() => ({ documents: 0, tokens: 0 }));
  let acrossClusters = 0;
  for (const [row, original] of found) {
    const counts = byDomain[rowDomain[row]!]!;
    counts.documents++;
    counts.tokens += tokens[row]!;
    if (assignments[row] !== assignments[original]) acrossClusters++;
  }
  if (drop) {
    for (const row of found.keys()) rowDomain[row] = -1;
    const left = new Set(rowDomain);
    const emptied = byDomain.findIndex((_, domain) => !left.has(domain));
    if (emptied >= 0) {
      throw new InputError(
        `every document of ${ids[emptied]} nearly duplicates one of another domain`,
        "raise domains.duplicates.minCosine, or set drop: false",
      );
    }
  }
  return { of: found, account: { minCosine, dropped: drop, acrossClusters, byDomain } };
}
