/** The targets' two halves: select, which the search sees, and confirm, which only the final table uses. */
import { InputError } from "../core/errors.ts";
import type { Random } from "../math/random.ts";
import type { HoldoutConfig } from "../schema/corpus-config.ts";
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

/** One side of every duplicate group. */
export type Side = "select" | "confirm";

/**
 * Put whole groups on one side. Targets are split one after the other, each to its own share of bytes; a group
 * that spans targets keeps the side the first of them gave it, so no confirm text of one target is in another's select.
 * Groups are drawn in random order, each into confirm if that brings the target closer to its share.
 *
 * @param targetOf target of each document
 * @returns the side of each group
 * @throws InputError if a target has fewer than two groups, or all its groups were put on one side by others
 */
export function splitTargets(
  names: readonly string[],
  targetOf: ArrayLike<number>,
  documents: readonly Pick<TargetDocument, "bytes">[],
  groups: readonly DuplicateGroup[],
  confirmShare: number,
  random: Random,
): Side[] {
  const sides: (Side | undefined)[] = groups.map(() => undefined);
  names.forEach((name, target) => {
    const parts = groups.flatMap(({ members }, group) => {
      const own = members.filter((member) => targetOf[member] === target);
      return own.length === 0
        ? []
        : [{ group, bytes: own.reduce((sum, member) => sum + documents[member]!.bytes, 0) }];
    });
    const wantedBytes = confirmShare * parts.reduce((sum, { bytes }) => sum + bytes, 0);
    const has = (side: Side) => parts.some(({ group }) => sides[group] === side);
    const bytesIn = (side: Side) =>
      parts.reduce((sum, { group, bytes }) => sum + (sides[group] === side ? bytes : 0), 0);
    const open = random.fork(name).shuffle(parts.filter(({ group }) => sides[group] === undefined));
    open.forEach(({ group, bytes }, index) => {
      const isLast = index === open.length - 1;
      const confirmBytes = bytesIn("confirm");
      const closer = Math.abs(confirmBytes + bytes - wantedBytes) < Math.abs(confirmBytes - wantedBytes);
      if (!has("confirm")) sides[group] = "confirm";
      else if (isLast && !has("select")) sides[group] = "select";
      else sides[group] = closer ? "confirm" : "select";
    });
    if (has("select") && has("confirm")) return;
    throw new InputError(
      `target ${name} has ${parts.length} groups of near duplicates, which cannot be split into select and confirm`,
      "give the target more and more varied documents, and no text of another target",
    );
  });
  // Every document is of some target, so every group has been seen.
  return sides.map((side) => side ?? "select");
}
