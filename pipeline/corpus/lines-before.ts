import type { ReadCounts } from "./read-shard.ts";

/** Source and name of each file that was cut by bytes, to the number of lines before each of its parts. */
export type LinesBefore = Readonly<Record<string, readonly number[]>>;

interface Place {
  readonly source: string;
  readonly file: string;
  readonly part?: number;
}

/** Number lines through the parts that different shards have read. */
export function countLinesBefore(parts: ReadCounts["lines"]): LinesBefore {
  const counts: Record<string, number[]> = {};
  for (const { part, lines, ...file } of parts) (counts[keyOf(file)] ??= [])[part] = lines;
  return Object.fromEntries(
    Object.entries(counts).map(([key, lines]) => {
      let before = 0;
      return [key, Array.from(lines, (count) => (before += count) - count)];
    }),
  );
}

/** 0 for a file that is whole. */
export function linesBeforePart(before: LinesBefore, place: Place): number {
  return place.part === undefined ? 0 : (before[keyOf(place)]?.[place.part] ?? 0);
}

function keyOf({ source, file }: Place): string {
  return `${source}\n${file}`;
}
