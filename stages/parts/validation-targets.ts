/** Held-out text of the corpus as proxies measure it: one more target for each domain. */
import { InputError } from "../../pipeline/core/errors.ts";
import { readNpy } from "../../pipeline/core/npy.ts";
import type { ProxyTarget } from "../../pipeline/proxy/proxy.ts";
import type { SearchResult } from "../../pipeline/schema/search.ts";
import { readTargetStreams } from "../../pipeline/search/token-streams.ts";

/** Where it lies. */
export interface ValidationText {
  readonly files: readonly { readonly path: string; readonly rows: number }[];
  readonly rowTokens: string;
  readonly rowBytes: string;
  /** Index of each row's domain; -1 for rows that are not held out. */
  readonly rowDomain: string;
  /** 1 for select, 2 for confirm. */
  readonly rowSide: string;
  readonly ids: readonly string[];
  /** Read of each domain. */
  readonly domainTokens: number;
  /** Whether it counts, and not only informs: then the final table measures it too. */
  readonly inObjective: boolean;
}

/** The domains' own text on one side of the split; domains without any are left out. */
export async function readValidation(
  validation: ValidationText,
  side: "select" | "confirm",
): Promise<(ProxyTarget & { domain: string })[]> {
  const { files, ids, domainTokens } = validation;
  const rowTokens = (await readNpy(validation.rowTokens)).data as Uint32Array;
  const { data: rowDomain } = await readNpy(validation.rowDomain);
  const { data: rowSide } = await readNpy(validation.rowSide);
  const wanted = side === "select" ? 1 : 2;
  const read = ids.map(() => 0);
  // Rows are in the random order of the documents' hashes: the first are as good as any.
  const rowTarget = Int32Array.from(rowDomain, (domain, row) => {
    if (domain < 0 || rowSide[row] !== wanted || read[domain]! >= domainTokens) return -1;
    read[domain]! += rowTokens[row]!;
    return domain;
  });
  const names = ids.map((id) => `validation/${id}`);
  const streams = await readTargetStreams(
    { files, rowTokens },
    rowTarget,
    (await readNpy(validation.rowBytes)).data as Uint32Array,
    names,
  );
  return streams
    .map((stream, domain) => ({ ...stream, domain: ids[domain]! }))
    .filter(({ documentEnds }) => documentEnds.length > 0);
}

/** Bytes of the domains' own text on both sides of the split. */
export async function countValidation(
  validation: ValidationText,
): Promise<NonNullable<SearchResult["validationText"]>> {
  const bytesOn = async (side: "select" | "confirm") =>
    new Map(
      (await readValidation(validation, side)).map(({ domain, documentBytes }) => [
        domain,
        documentBytes.reduce((sum, bytes) => sum + bytes, 0),
      ]),
    );
  const [select, confirm] = [await bytesOn("select"), await bytesOn("confirm")];
  return validation.ids
    .filter((domain) => select.has(domain) || confirm.has(domain))
    .map((domain) => ({
      domain,
      selectBytes: select.get(domain) ?? 0,
      confirmBytes: confirm.get(domain) ?? 0,
    }));
}

/**
 * @throws InputError if the domains' text is part of the objective and one of them has none; otherwise such a domain is not
 *   measured, which is told
 */
export function checkValidation(
  { ids, inObjective }: ValidationText,
  found: NonNullable<SearchResult["validationText"]>,
  note: (text: string) => void,
): void {
  const has = new Set(
    found
      .filter(({ selectBytes, confirmBytes }) => selectBytes > 0 && (confirmBytes > 0 || !inObjective))
      .map(({ domain }) => domain),
  );
  const without = ids.filter((id) => !has.has(id));
  if (without.length === 0) return;
  const problem = `too little text is held out to measure ${without.join(", ")}`;
  const remedy = "raise holdout.validation.share";
  if (inObjective) throw new InputError(problem, `${remedy}, or leave search.domainsWeight out`);
  note(`${problem}: ${remedy}`);
}
