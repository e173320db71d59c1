/** What domains are crossed with. */
export interface Buckets {
  /** One a bucket, in order. */
  readonly ids: readonly string[];
  /** Neighbours in that order are alike, so that small parts join one of them. */
  readonly ordered: boolean;
  /** Index of each row's bucket; of rows in no domain, anything. */
  readonly rowBucket: ArrayLike<number>;
}

/** Part of a domain: the documents of some of the buckets. */
interface CrossedPart {
  /** Index of the domain that was crossed. */
  readonly of: number;
  /** Its bucket, or the first and the last of several; "" where several buckets make up the whole domain. */
  readonly id: string;
}

interface Crossed {
  /** By domain, then in the order of the buckets. */
  readonly parts: CrossedPart[];
  /** Index of each row's part; -1 for rows in no domain. */
  readonly rowPart: Int32Array;
  /** How many parts there would be if none were too small; documents and tokens of those that joined another. */
  readonly before: number;
  readonly joined: { readonly parts: number; readonly documents: number; readonly tokens: number };
}

interface Part {
  buckets: number[];
  documents: number;
  tokens: number;
}

/**
 * Every domain in parts, one for each bucket that it has documents of: topic x quality, topic x source, over which
 * Nemotron-CC and WebOrganizer mix.
 *
 * A part of fewer than minTokens joins another of its domain, the smallest part first: of ordered buckets the smaller
 * one of its neighbours, else the smallest of the others. A domain that is small itself stays whole.
 */
export function crossDomains(
  { rowDomain, tokens, domains }: { rowDomain: Int32Array; tokens: ArrayLike<number>; domains: number },
  { ids, ordered, rowBucket }: Buckets,
  minTokens: number,
): Crossed {
  const cells: Part[][] = Array.from({ length: domains }, () =>
    ids.map((_, bucket) => ({ buckets: [bucket], documents: 0, tokens: 0 })),
  );
  rowDomain.forEach((domain, row) => {
    if (domain < 0) return;
    const cell = cells[domain]![rowBucket[row]!]!;
    cell.documents++;
    cell.tokens += tokens[row]!;
  });
  const joined = { parts: 0, documents: 0, tokens: 0 };
  let before = 0;
  const parts: CrossedPart[] = [];
  const partOf = cells.map((all) => {
    const left = all.filter(({ documents }) => documents > 0);
    before += left.length;
    while (left.length > 1) {
      const smallest = smallestOf(left);
      if (smallest.tokens >= minTokens) break;
      const at = left.indexOf(smallest);
      left.splice(at, 1);
      const into = smallestOf(ordered ? left.slice(Math.max(0, at - 1), at + 1) : left);
      joined.parts++;
      joined.documents += smallest.documents;
      joined.tokens += smallest.tokens;
      into.buckets = [...into.buckets, ...smallest.buckets].sort((a, b) => a - b);
      into.documents += smallest.documents;
      into.tokens += smallest.tokens;
    }
    const first = parts.length;
    const bucketPart = new Map(
      left.flatMap(({ buckets }, i) => buckets.map((bucket) => [bucket, first + i] as const)),
    );
    for (const { buckets } of left) {
      const isWhole = left.length === 1 && buckets.length > 1;
      const id = isWhole ? "" : partId(buckets.map((bucket) => ids[bucket]!));
      parts.push({ of: cells.indexOf(all), id });
    }
    return bucketPart;
  });
  return {
    parts,
    rowPart: rowDomain.map((domain, row) => (domain < 0 ? -1 : partOf[domain]!.get(rowBucket[row]!)!)),
    before,
    joined,
  };
}

/** The one of the fewest tokens; the first of equal ones. */
function smallestOf(parts: readonly Part[]): Part {
  return parts.reduce((smallest, part) => (part.tokens < smallest.tokens ? part : smallest));
}

function partId(ids: readonly string[]): string {
  return ids.length <= 2 ? ids.join("-") : `${ids[0]}-to-${ids.at(-1)}`;
}
