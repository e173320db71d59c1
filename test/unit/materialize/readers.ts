/** Readers of the token formats, written from their descriptions and not from our writers. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";

/** Token ids of little-endian bytes. */
function tokens(bytes: Buffer, width: number): number[] {
  assert.equal(bytes.length % width, 0);
  return Array.from({ length: bytes.length / width }, (_, i) => bytes.readUIntLE(i * width, width));
}

/** The documents of `<prefix>.bin`, as `<prefix>.idx` cuts it. */
export async function readMegatron(prefix: string): Promise<number[][]> {
  const index = await readFile(`${prefix}.idx`);
  const data = await readFile(`${prefix}.bin`);
  assert.equal(index.subarray(0, 9).toString("latin1"), "MMIDIDX\0\0");
  assert.equal(index.readBigUInt64LE(9), 1n);
  const width = { 4: 4, 8: 2 }[index[17]!];
  assert.ok(width !== undefined, `dtype ${index[17]}`);
  const sequences = Number(index.readBigUInt64LE(18));
  const bounds = Number(index.readBigUInt64LE(26));
  assert.equal(bounds, sequences + 1);
  assert.equal(index.length, 34 + 4 * sequences + 8 * sequences + 8 * bounds);
  let end = 0;
  const documents = Array.from({ length: sequences }, (_, i) => {
    const length = index.readInt32LE(34 + 4 * i);
    const offset = Number(index.readBigInt64LE(34 + 4 * sequences + 8 * i));
    assert.equal(Number(index.readBigInt64LE(34 + 12 * sequences + 8 * i)), i);
    assert.equal(offset, end);
    end = offset + length * width;
    return tokens(data.subarray(offset, end), width);
  });
  assert.equal(Number(index.readBigInt64LE(index.length - 8)), sequences);
  assert.equal(end, data.length);
  return documents;
}

export interface MemmapDocument {
  readonly tokens: number[];
  readonly id: string;
  readonly source: string;
  readonly line: number;
}

/** The documents of a raw `<stem>.npy` of uint16, as `<stem>.csv.gz` cuts it. */
export async function readMemmap(stem: string): Promise<MemmapDocument[]> {
  const data = await readFile(`${stem}.npy`);
  const rows = gunzipSync(await readFile(`${stem}.csv.gz`)).toString();
  assert(rows.endsWith("\r\n"));
  let last = 0;
  const documents = rows
    .slice(0, -2)
    .split("\r\n")
    .map((row) => {
      const [start, end, id, source, line, ...more] = row.split(",");
      assert.equal(more.length, 0);
      assert.equal(Number(start), last);
      last = Number(end);
      return {
        tokens: tokens(data.subarray(2 * Number(start), 2 * last), 2),
        id: id!,
        source: source!,
        line: Number(line),
      };
    });
  assert.equal(2 * last, data.length);
  return documents;
}

/** The documents of `<stem>.ds`, as `.ds.index` cuts it. */
export async function readDatatrove(stem: string): Promise<number[][]> {
  const [name = "", count] = (await readFile(`${stem}.ds.metadata`, "utf8")).split("\n");
  const [tokenizer, width] = name.split("|");
  assert.equal(tokenizer, "gpt2");
  const all = tokens(await readFile(`${stem}.ds`), Number(width));
  assert.equal(all.length, Number(count));
  const index = await readFile(`${stem}.ds.index`);
  const ends = Array.from({ length: index.length / 8 }, (_, i) => Number(index.readBigUInt64LE(8 * i)));
  assert.equal(ends.at(-1), all.length);
  return ends.map((end, i) => all.slice(i === 0 ? 0 : ends[i - 1], end));
}

const MdsIndex = z.object({
  version: z.literal(2),
  shards: z.array(
    z.strictObject({
      column_encodings: z.tuple([z.literal("ndarray:int32")]),
      column_names: z.tuple([z.literal("tokens")]),
      column_sizes: z.tuple([z.null()]),
      compression: z.null(),
      format: z.literal("mds"),
      hashes: z.array(z.string()),
      raw_data: z.strictObject({ basename: z.string(), bytes: z.int(), hashes: z.strictObject({}) }),
      samples: z.int(),
      size_limit: z.int(),
      version: z.literal(2),
      zip_data: z.null(),
    }),
  ),
});

/** The samples of a folder with index.json. */
export async function readMds(folder: string): Promise<number[][]> {
  const { shards } = MdsIndex.parse(JSON.parse(await readFile(join(folder, "index.json"), "utf8")));
  const samples: number[][] = [];
  for (const { raw_data: file, samples: count } of shards) {
    const data = await readFile(join(folder, file.basename));
    assert.equal(data.length, file.bytes);
    assert.equal(data.readUInt32LE(0), count);
    for (let i = 0; i < count; i++) {
      const sample = data.subarray(data.readUInt32LE(4 + 4 * i), data.readUInt32LE(8 + 4 * i));
      assert.equal(sample.readUInt32LE(0), sample.length - 4);
      const dimensions = sample[4]! >> 2;
      const width = 2 ** (sample[4]! & 3);
      assert.equal(dimensions, 1);
      const values = tokens(sample.subarray(5 + width), 4);
      assert.equal(sample.readUIntLE(5, width), values.length);
      samples.push(values);
    }
    assert.equal(data.readUInt32LE(4 + 4 * count), data.length);
  }
  return samples;
}

/** Documents of a stream in which each ends with `end`; what follows the last one, all of it `end`, is padding. */
export function splitDocuments(stream: readonly number[], end: number): number[][] {
  const documents: number[][] = [];
  let start = 0;
  for (const [i, token] of stream.entries()) {
    if (token !== end) continue;
    if (i > start) documents.push(stream.slice(start, i + 1));
    start = i + 1;
  }
  assert.equal(start, stream.length);
  return documents;
}
