/** A target's two halves: select, which the search sees, and confirm, which only the final table uses. */
import { InputError } from "../core/errors.ts";
import type { Random } from "../math/random.ts";
import type { HoldoutConfig } from "../schema/config.ts";
import { indexNeighbours } from "./near-neighbours.ts";
import { overlapShare, shingles } from "./shingles.ts";

export interface TargetDocument {
  readonly text: string;
  readonly bytes: number;
  /** Of length 1. */
  readonly vector: Float32Array;
}

/** Near duplicates of each other, directly or through others. */
export interface DuplicateGroup {
  /** Indexes of the documents, ascending. */
  readonly members: readonly number[];
  readonly bytes: number;
}

/**
 * Group documents that nearly duplicate each other: close by embedding, then overlapping in text. Groups are
 * the connected components, ordered by their first member.
 */
export function groupDuplicates(
  documents: readonly TargetDocument[],
  { neighbours, minCosine, maxOverlap }: HoldoutConfig,
): DuplicateGroup[] {
  if (documents.length === 0) return [];
  const dimension = documents[0]!.vector.length;
  const vectors = new Float32Array(documents.length * dimension);
  documents.forEach(({ vector }, row) => vectors.set(vector, row * dimension));
  // One more than asked for: every document finds itself.
  const near = indexNeighbours({ vectors, dimension, neighbours: neighbours + 1, minCosine });
  const grams = documents.map(({ text }) => shingles(text));
  const parent = documents.map((_, index) => index);
  const root = (index: number): number => {
    while (parent[index] !== index) index = parent[index] = parent[parent[index]!]!;
    return index;
  };
  documents.forEach(({ vector }, index) => {
    for (const { row } of near(vector)) {
      if (row === index || overlapShare(grams[index]!, grams[row]!) < maxOverlap) continue;
      const [low, high] = [root(index), root(row)].sort((left, right) => left - right) as [number, number];
      parent[high] = low;
    }
  });
  const members = new Map<number, number[]>();
  documents.forEach((_, index) => {
    const of = root(index);
    members.set(of, [...(members.get(of) ?? []), index]);
  });
  return [...members.values()].map((group) => ({
    members: group,
    bytes: group.reduce((sum, index) => sum + documents[index]!.bytes, 0),
  }));
}

/**
 * Draw whole groups in random order into confirm, each if that brings confirm closer to its share of the bytes.
 * The first drawn is always confirm and the last always select, so that neither side is empty.
 *
 * @returns indexes of the confirm documents, ascending; all others are select
 * @throws InputError for fewer than two groups
 */
export function splitTarget(
  name: string,
  groups: readonly DuplicateGroup[],
  confirmShare: number,
  random: Random,
): number[] {
  if (groups.length < 2) {
    const documents = groups.reduce((sum, { members }) => sum + members.length, 0);
    throw new InputError(
      `target ${name}: ${documents} documents in ${groups.length} groups of near duplicates cannot be split in two`,
      "give the target more and more varied documents",
    );
  }
  const wantedBytes = confirmShare * groups.reduce((sum, { bytes }) => sum + bytes, 0);
  const [first, ...others] = random.shuffle([...groups]) as [DuplicateGroup, ...DuplicateGroup[]];
  const confirm = [...first.members];
  let confirmBytes = first.bytes;
  for (const { members, bytes } of others.slice(0, -1)) {
    if (Math.abs(confirmBytes + bytes - wantedBytes) >= Math.abs(confirmBytes - wantedBytes)) continue;
    confirm.push(...members);
    confirmBytes += bytes;
  }
  return confirm.sort((left, right) => left - right);
}
