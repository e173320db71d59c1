/** materialized.json: what a materialised mixture holds, file by file, and how near its shares are to the weights. */
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { formats } from "./formats.ts";
import type { Items } from "./items.ts";
import { MdsShard } from "./write-mds.ts";

const Counts = z.strictObject({ documents: z.int(), tokens: z.int() });

const ShardCounts = z.strictObject({ ...Counts.shape, domains: z.record(z.string(), Counts) });
export type ShardCounts = z.infer<typeof ShardCounts>;

/** What a shard's process says of it. */
export const WrittenShard = z.strictObject({
  ...ShardCounts.shape,
  /** Its files, below the output folder. */
  paths: z.array(z.string()),
  mds: MdsShard.nullable(),
});
export type WrittenShard = z.infer<typeof WrittenShard>;

const File = z.strictObject({ path: z.string(), bytes: z.int(), sha256: z.string() });

export const Materialized = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string(),
  fingerprint: z.string().describe("Changes with anything that decides the bytes"),
  format: z.enum(formats),
  layout: z.enum(["mixture", "by-domain"]),
  phase: z
    .string()
    .nullable()
    .describe("Phase of the manifest whose weights were taken; null for the mixture's own"),
  seed: z.int(),
  tokenizer: z.strictObject({ name: z.string(), vocabularySize: z.int() }),
  requestedTokens: z.int().nullable(),
  tokens: z.int().describe("Of the documents' text: what the budget, the shares and the epochs count"),
  documents: z.int(),
  endOfDocument: z
    .strictObject({
      id: z.int(),
      tokens: z.int(),
      paddingTokens: z.int().describe("Fill the last sample of MDS shards"),
    })
    .nullable()
    .describe("Written after every document on top of `tokens`; null for text"),
  largestRelativeDeviation: z.number().describe("Largest |share - weight| / weight; 0 by domain"),
  domains: z.array(
    z.strictObject({
      id: z.string(),
      weight: z.number(),
      share: z.number(),
      budgetTokens: z.int(),
      ...Counts.shape,
      epochs: z.number(),
    }),
  ),
  shards: z.array(z.strictObject({ files: z.array(File), ...ShardCounts.shape })),
  indexFiles: z.array(File),
  lineage: z.strictObject({
    toolVersion: z.string(),
    mixtureSha256: z.string(),
    artifacts: z.record(z.string(), z.string()),
  }),
});
export type Materialized = z.infer<typeof Materialized>;

/** Counts the items of one shard, by domain. */
export function countItems(items: Items, rowDomain: Int32Array, domainIds: readonly string[]): ShardCounts {
  const domains: Record<string, z.infer<typeof Counts>> = {};
  let tokens = 0;
  for (const [item, row] of items.rows.entries()) {
    const counts = (domains[domainIds[rowDomain[row]!]!] ??= { documents: 0, tokens: 0 });
    counts.documents++;
    counts.tokens += items.tokens[item]!;
    tokens += items.tokens[item]!;
  }
  const sorted = Object.entries(domains).sort(([left], [right]) => (left < right ? -1 : 1));
  return { documents: items.rows.length, tokens, domains: Object.fromEntries(sorted) };
}

interface WrittenDomain {
  readonly id: string;
  readonly weight: number;
  readonly budgetTokens: number;
  /** In the corpus. */
  readonly corpusTokens: number;
}

/**
 * Adds up what the shards hold.
 *
 * @throws InputError if a shard holds documents of a domain that is not in the list
 */
export function sumShards(
  domains: readonly WrittenDomain[],
  shards: readonly ShardCounts[],
  layout: Materialized["layout"],
): Pick<Materialized, "tokens" | "documents" | "domains" | "largestRelativeDeviation"> {
  const counts = new Map(domains.map(({ id }) => [id, { documents: 0, tokens: 0 }]));
  for (const shard of shards) {
    for (const [id, { documents, tokens }] of Object.entries(shard.domains)) {
      const sum = counts.get(id);
      if (sum === undefined)
        throw new InputError(`a shard holds documents of ${id}, which is no domain of the mixture`);
      sum.documents += documents;
      sum.tokens += tokens;
    }
  }
  const all = [...counts.values()];
  const tokens = all.reduce((sum, count) => sum + count.tokens, 0);
  const written = domains.map(({ id, weight, budgetTokens, corpusTokens }) => {
    const count = counts.get(id)!;
    const share = tokens === 0 ? 0 : count.tokens / tokens;
    const epochs = corpusTokens === 0 ? 0 : count.tokens / corpusTokens;
    return { id, weight, share, budgetTokens, ...count, epochs };
  });
  const deviations = written.map(({ share, weight }) =>
    weight === 0 ? share : Math.abs(share - weight) / weight,
  );
  return {
    tokens,
    documents: all.reduce((sum, count) => sum + count.documents, 0),
    domains: written,
    largestRelativeDeviation: layout === "mixture" ? Math.max(0, ...deviations) : 0,
  };
}
