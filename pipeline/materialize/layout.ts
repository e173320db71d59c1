import { InputError } from "../core/errors.ts";
import type { Format } from "./formats.ts";
import { isTextFormat, shardStem } from "./formats.ts";
import type { Part } from "./items.ts";

/** One output shard: what is in it and where it goes. */
export interface ShardPlan extends Part {
  /** Path below the output folder, without its ending. */
  readonly stem: string;
}

/** What is written of a domain, as far as it is known before the documents are. */
export interface DomainSize {
  readonly id: string;
  readonly tokens: number;
  readonly documents: number;
  /** UTF-8 bytes of text. */
  readonly textBytes: number;
}

/** JSON's quotes and names around a text, about. */
const recordBytes = 120;

/**
 * The shards of a mixture, or of each domain by itself, of about `shardBytes` each: bytes of text and its record for the text
 * formats (before compression), bytes of token ids for the others. Megatron reads a domain from one pair of files, whatever
 * its size.
 *
 * @throws InputError if a domain's id cannot be the name of a folder
 */
export function planShards(
  domains: readonly DomainSize[],
  format: Format,
  { byDomain, shardBytes, bytesPerToken }: { byDomain: boolean; shardBytes: number; bytesPerToken: number },
): ShardPlan[] {
  const partsFor = (sizes: readonly DomainSize[]): number => {
    const documents = sum(sizes, (size) => size.documents);
    const bytes = isTextFormat(format)
      ? sum(sizes, (size) => size.textBytes) + recordBytes * documents
      : (sum(sizes, (size) => size.tokens) + documents) * bytesPerToken;
    return Math.max(1, Math.min(documents, Math.ceil(bytes / shardBytes)));
  };
  const shards = (sizes: readonly DomainSize[], domain: number | null, parts: number): ShardPlan[] =>
    Array.from({ length: parts }, (_, part) => ({
      stem: shardStem(format, part, domain === null ? undefined : sizes[0]!.id),
      part,
      parts,
      domain,
    }));
  if (!byDomain) return shards(domains, null, partsFor(domains));
  return domains.flatMap((domain, index) => {
    if (domain.documents === 0) return [];
    requireFolderName(domain.id);
    return shards([domain], index, format === "megatron" ? 1 : partsFor([domain]));
  });
}

/** Starting a process costs about as much as writing 50 MB: one writes several small shards. */
const processBytes = 500e6;
/** Yet no fewer processes than this, so that a small mixture is written in parallel too. */
const fewestProcesses = 4;

/** Shards that one process writes, one after the other. Does not depend on the number of workers, so that another may go on. */
export function groupShards(shards: readonly ShardPlan[], shardBytes: number): ShardPlan[][] {
  const perProcess = Math.max(1, Math.floor(processBytes / shardBytes));
  const processes = Math.max(fewestProcesses, Math.ceil(shards.length / perProcess));
  const groups = Math.min(processes, shards.length);
  const first = (group: number) => Math.floor((group * shards.length) / groups);
  return Array.from({ length: groups }, (_, group) => shards.slice(first(group), first(group + 1)));
}

function requireFolderName(id: string): void {
  if (/^\w[\w.-]*$/.test(id)) return;
  throw new InputError(
    `the domain id ${JSON.stringify(id)} is no file name`,
    "ids should be letters, digits, '.', '_' or '-'",
  );
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
