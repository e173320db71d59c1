import { open } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { bytesOf } from "./write-megatron.ts";
import type { TokenPiece } from "./gather.ts";

const column = { column_encodings: ["ndarray:int32"], column_names: ["tokens"], column_sizes: [null] };
/** Offsets in a shard are u32. */
const mostBytes = 2 ** 32;

export interface MdsOptions {
  /** Tokens of a sample. */
  readonly sequenceTokens: number;
  /** Tokens of all pieces together. */
  readonly totalTokens: number;
  readonly endOfDocument: number;
  /** Written into the shard as the limit it was cut by. */
  readonly shardBytes: number;
}

export const MdsShard = z.strictObject({
  basename: z.string(),
  bytes: z.int(),
  samples: z.int(),
  /** End-of-document tokens that fill the last sample. */
  paddingTokens: z.int(),
});
export type MdsShard = z.infer<typeof MdsShard>;

/**
 * A shard of a MosaicML streaming dataset as llm-foundry's converter makes it with --concat_tokens: samples of `sequenceTokens` token
 * ids, documents joined and cut anywhere. The last sample is filled up, so that no token is lost.
 *
 * Layout, little-endian (streaming/base/format/mds/writer.py): u32 samples, u32 offsets [samples + 1], config in JSON, samples. A sample is
 * its u32 size, and a one-dimensional array: u8 4 + width code, the length in that width, int32 values.
 *
 * @throws InputError if the shard would reach 4 GiB
 */
export async function writeMdsShard(
  path: string,
  pieces: AsyncIterable<TokenPiece>,
  options: MdsOptions,
): Promise<MdsShard> {
  const { sequenceTokens, totalTokens, endOfDocument } = options;
  const samples = Math.ceil(totalTokens / sequenceTokens);
  const head = sampleHead(sequenceTokens);
  const sampleBytes = head.length + 4 * sequenceTokens;
  const config = Buffer.from(pythonJson(shardConfig(options.shardBytes)));
  const first = 4 + 4 * (samples + 1) + config.length;
  const bytes = first + samples * sampleBytes;
  if (bytes >= mostBytes) {
    throw new InputError(
      `${path} would have ${bytes} bytes; MDS holds less than ${mostBytes}`,
      "give a smaller --shard-bytes",
    );
  }
  const offsets = Uint32Array.from({ length: samples + 1 }, (_, sample) => first + sample * sampleBytes);
  const file = await open(path, "w");
  try {
    await file.writeFile(Buffer.concat([bytesOf(Uint32Array.of(samples)), bytesOf(offsets), config]));
    let sample = new Uint32Array(sequenceTokens);
    let filled = 0;
    for await (const { tokens } of pieces) {
      const full: Uint8Array[] = [];
      for (let taken = 0; taken < tokens.length;) {
        const count = Math.min(sequenceTokens - filled, tokens.length - taken);
        sample.set(tokens.subarray(taken, taken + count), filled);
        taken += count;
        filled += count;
        if (filled < sequenceTokens) break;
        full.push(head, bytesOf(sample));
        sample = new Uint32Array(sequenceTokens);
        filled = 0;
      }
      await file.writeFile(Buffer.concat(full));
    }
    if (filled > 0) await file.writeFile(Buffer.concat([head, bytesOf(sample.fill(endOfDocument, filled))]));
  } finally {
    await file.close();
  }
  const paddingTokens = samples * sequenceTokens - totalTokens;
  return { basename: basename(path), bytes, samples, paddingTokens };
}

/** The index.json of a folder of shards. */
export function mdsIndex(shards: readonly MdsShard[], shardBytes: number): string {
  return pythonJson({
    shards: shards.map(({ basename, bytes, samples }) => ({
      ...shardConfig(shardBytes),
      raw_data: { basename, bytes, hashes: {} },
      samples,
      zip_data: null,
    })),
    version: 2,
  });
}

function shardConfig(shardBytes: number): Record<string, unknown> {
  return { ...column, compression: null, format: "mds", hashes: [], size_limit: shardBytes, version: 2 };
}

/** u32 size of the array's encoding, then its dimensions: one, in the narrowest width that holds it. */
function sampleHead(values: number): Buffer {
  const width = values < 2 ** 8 ? 0 : values < 2 ** 16 ? 1 : 2;
  const head = Buffer.alloc(4 + 1 + 2 ** width);
  head.writeUInt32LE(1 + 2 ** width + 4 * values);
  head.writeUInt8(4 + width, 4);
  head.writeUIntLE(values, 5, 2 ** width);
  return head;
}

/** JSON with sorted keys as Python's json.dumps(value, sort_keys=True) writes it; for ASCII strings. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${pythonJson(member)}`).join(", ")}}`;
}
