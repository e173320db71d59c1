/** Rows on their way from reading to merging: one file of a reading shard, in it one stretch for each bucket. */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LineFiles } from "./line-files.ts";
import { splitLines } from "./lines.ts";
import { bucketOf } from "./plan.ts";

export const rowsFile = "rows.ndjson";

/** The id comes first in a row, and decides its bucket. */
interface Row {
  readonly id: string;
}

/** A stretch of bytes of a file of rows. */
export interface RowRange {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** Sorts rows into buckets, with a bounded number of them in memory. */
export class BucketRows<Of extends Row> {
  readonly #dir: string;
  readonly #pieces: LineFiles;
  readonly #buckets: number;
  readonly #bytes: number[];

  /** @param dir where the file of rows goes; pieces of it lie in a folder beside it until then */
  constructor(dir: string, buckets: number) {
    this.#dir = dir;
    this.#buckets = buckets;
    this.#bytes = Array.from({ length: buckets }, () => 0);
    this.#pieces = new LineFiles(this.#piecesDir);
  }

  async add(row: Of): Promise<void> {
    const bucket = bucketOf(row.id, this.#buckets);
    if (this.#bytes.every((bytes) => bytes === 0)) await mkdir(this.#piecesDir, { recursive: true });
    this.#bytes[bucket]! += await this.#pieces.add(String(bucket), row);
  }

  /**
   * Write the file, unless there are no rows.
   *
   * @returns where each bucket's stretch begins, and where the last one ends
   */
  async finish(): Promise<number[]> {
    const offsets = [0];
    for (const bytes of this.#bytes) offsets.push(offsets.at(-1)! + bytes);
    if (offsets.at(-1) === 0) return offsets;
    await this.#pieces.flush();
    const filled = [...this.#bytes.keys()].filter((bucket) => this.#bytes[bucket]! > 0);
    await pipeline(
      Readable.from(chunksOf(filled.map((bucket) => join(this.#piecesDir, String(bucket))))),
      createWriteStream(join(this.#dir, rowsFile)),
    );
    await rm(this.#piecesDir, { recursive: true });
    return offsets;
  }

  get #piecesDir(): string {
    return `${this.#dir}.pieces`;
  }
}

async function* chunksOf(paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const path of paths)
    yield* createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Uint8Array>;
}

/** Rows of some stretches, those of one bucket of `buckets` only. */
export async function* readBucketRows<Of extends Row>(
  ranges: readonly RowRange[],
  bucket: number,
  buckets: number,
): AsyncGenerator<Of> {
  const prefix = '{"id":"'.length;
  for (const { path, from, to } of ranges) {
    if (to === from) continue;
    const stream = createReadStream(path, { start: from, end: to - 1, highWaterMark: 2 ** 18 });
    for await (const { bytes } of splitLines(stream as AsyncIterable<Uint8Array>, Number.POSITIVE_INFINITY)) {
      const line = Buffer.from(bytes!.buffer, bytes!.byteOffset, bytes!.length);
      // A row's id is its first member, so that those of other buckets need not be parsed.
      if (bucketOf(line.toString("latin1", prefix, prefix + 8), buckets) !== bucket) continue;
      yield JSON.parse(line.toString()) as Of;
    }
  }
}
