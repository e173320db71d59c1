import type { Random } from "../math/random.ts";
import type { CorpusRows, Draw } from "./draw.ts";

/** The documents of one output shard, in the order they are written. */
export interface Items {
  readonly rows: Uint32Array;
  /** Tokens of each, fewer than the document has where it is cut. */
  readonly tokens: Uint32Array;
}

export interface Part {
  /** 0 <= part < parts */
  readonly part: number;
  readonly parts: number;
  /** Index of the only domain in the shard, or null for all. */
  readonly domain: number | null;
}

/**
 * The documents that go into one of `parts` output shards. The corpus is sorted by a hash of its texts, so that any
 * stretch of it is a random sample: a shard is made of one stretch for each repeat, which is read in one go, and the
 * repeats of a document lie as far apart as they can. The seed decides which stretches meet, and shuffles within the shard.
 * The shards of one domain alone keep the corpus's order, which is random already.
 *
 * Every copy of every document is in exactly one of the shards.
 */
export function itemsOf(
  { rowDomain, rowTokens }: CorpusRows,
  { copies, cuts }: Draw,
  { part, parts, domain }: Part,
  seed: Random,
): Items {
  const cutTokens = new Map(cuts.map(({ row, tokens }) => [row, tokens]));
  const repeats = copies.reduce((most, count) => Math.max(most, count), 0) + (cuts.length > 0 ? 1 : 0);
  const stretches = seed.fork("stretches").shuffle(Uint32Array.from({ length: parts }, (_, i) => i));
  const visit = (use: (row: number, tokens: number) => void): void => {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const stretch = stretches[(part + Math.floor((repeat * parts) / repeats)) % parts]!;
      const end = Math.floor(((stretch + 1) * rowDomain.length) / parts);
      for (let row = Math.floor((stretch * rowDomain.length) / parts); row < end; row++) {
        if (domain !== null && rowDomain[row] !== domain) continue;
        if (repeat < copies[row]!) use(row, rowTokens[row]!);
        else if (repeat === copies[row]! && cutTokens.has(row)) use(row, cutTokens.get(row)!);
      }
    }
  };
  let documents = 0;
  visit(() => documents++);
  const order = Uint32Array.from({ length: documents }, (_, i) => i);
  if (domain === null) seed.fork(`shard/${part}`).shuffle(order);
  const items = { rows: new Uint32Array(documents), tokens: new Uint32Array(documents) };
  let visited = 0;
  visit((row, tokens) => {
    const place = order[visited++]!;
    items.rows[place] = row;
    items.tokens[place] = tokens;
  });
  return items;
}
