import type { ReadCounts } from "./read-shard.ts";

/**
 * Where the parts of files that were cut by bytes begin: after so many lines of the file; or at a byte of it, where a
 * part before it could not be read to its end, so that nobody knows how many lines that had.
 */
type PartStart = { readonly lines: number } | { readonly byte: number };

/** By source and name of the file, its parts in order. */
export type PartStarts = Readonly<Record<string, readonly PartStart[]>>;

/** Where a record was found. */
export interface Place {
  /** Of the file, or of what begins at `fromByte`, from 1; 0 is the file as a whole. */
  readonly line: number;
  readonly fromByte?: number;
}

interface PartLine {
  readonly source: string;
  readonly file: string;
  /** None in a file that is whole. */
  readonly part?: number;
  /** Of the part. */
  readonly line: number;
}

/** Number lines through the parts that different shards have read. */
export function partStarts(parts: ReadCounts["parts"]): PartStarts {
  const byFile: Record<string, ReadCounts["parts"][number][]> = {};
  for (const part of parts) (byFile[keyOf(part)] ??= [])[part.part] = part;
  return Object.fromEntries(
    Object.entries(byFile).map(([key, of]) => {
      let before: number | null = 0;
      const starts = of.map(({ fromByte, lines }): PartStart => {
        const start = before === null ? { byte: fromByte } : { lines: before };
        before = before === null || lines === null ? null : before + lines;
        return start;
      });
      return [key, starts];
    }),
  );
}

/** The place in the file of a line of one of its parts. */
export function placeOf(starts: PartStarts, { source, file, part, line }: PartLine): Place {
  if (part === undefined || line === 0) return { line };
  const start = starts[keyOf({ source, file })]![part]!;
  return "lines" in start ? { line: start.lines + line } : { line, fromByte: start.byte };
}

/** For people, as file:line. */
export function placeText(file: string, { line, fromByte }: Place): string {
  return fromByte === undefined ? `${file}:${line}` : `${file}:${line} from byte ${fromByte} on`;
}

function keyOf({ source, file }: Pick<PartLine, "source" | "file">): string {
  return `${source}\n${file}`;
}
