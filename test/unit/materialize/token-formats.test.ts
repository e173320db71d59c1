/** Every byte of tiny files, worked by hand; then larger ones through our readers and through numpy. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { gunzipSync } from "node:zlib";
import type { TokenPiece } from "../../../pipeline/materialize/gather.ts";
import { metric, writeDatatrove } from "../../../pipeline/materialize/write-datatrove.ts";
import { mdsIndex, writeMdsShard } from "../../../pipeline/materialize/write-mds.ts";
import { writeMegatron } from "../../../pipeline/materialize/write-megatron.ts";
import { writeMemmap } from "../../../pipeline/materialize/write-memmap.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { pythonWith, runPython } from "../export/python.ts";
import { readDatatrove, readMds, readMegatron, readMemmap, splitDocuments } from "./readers.ts";

const end = 50_256;

/** Two pieces: documents 1 2 3 and 4, then 5 6; each with its end-of-document token, 9. */
async function* tiny(): AsyncGenerator<TokenPiece> {
  yield { tokens: Uint16Array.of(1, 2, 3, 9, 4, 9), lengths: Uint32Array.of(4, 2), firstItem: 0 };
  yield { tokens: Uint16Array.of(5, 6, 9), lengths: Uint32Array.of(3), firstItem: 2 };
}

async function* tinyWide(): AsyncGenerator<TokenPiece> {
  for await (const piece of tiny()) yield { ...piece, tokens: Uint32Array.from(piece.tokens) };
}

/** A number as u32. */
function little(value: number): string {
  return Buffer.from(Uint32Array.of(value).buffer).toString("hex");
}

/** Numbers as u64. */
function little64(...values: number[]): string {
  return Buffer.from(BigUint64Array.from(values, BigInt).buffer).toString("hex");
}

async function hex(path: string): Promise<string> {
  return (await readFile(path)).toString("hex");
}

await test("Megatron .bin and .idx, byte by byte", () =>
  withTempDir(async (dir) => {
    await writeMegatron(join(dir, "a"), tiny(), 2);
    assert.equal(await hex(join(dir, "a.bin")), "010002000300090004000900050006000900");
    const index = [
      "4d4d49444944580000", // MMIDIDX, two zero bytes
      "0100000000000000", // version
      "08", // uint16
      "0300000000000000", // sequences
      "0400000000000000", // document bounds
      "040000000200000003000000", // tokens of each
      little64(0, 8, 12), // byte offsets
      little64(0, 1, 2, 3),
    ].join("");
    assert.equal(await hex(join(dir, "a.idx")), index);
    assert.equal(index.length / 2, 42 + 20 * 3);

    await writeMegatron(join(dir, "wide"), tinyWide(), 4);
    assert.equal((await hex(join(dir, "wide.bin"))).slice(0, 24), "010000000200000003000000");
    const wide = await hex(join(dir, "wide.idx"));
    assert.equal(wide.slice(34, 36), "04"); // int32
    assert.equal(wide.slice(92, 140), little64(0, 16, 24));
  }));

await test("OLMo's .npy has no header, and dolma's .csv.gz says where documents lie and came from", () =>
  withTempDir(async (dir) => {
    const origins = [
      { id: "a", file: "x/documents-00000.parquet", line: 7 },
      { id: 'b "q"', file: "x,y", line: 1 },
      { id: "c", file: "z", line: 2 },
    ];
    await writeMemmap(join(dir, "a"), tiny(), (item) => origins[item]!);
    assert.equal(await hex(join(dir, "a.npy")), "010002000300090004000900050006000900");
    assert.equal(
      gunzipSync(await readFile(join(dir, "a.csv.gz"))).toString(),
      '0,4,a,x/documents-00000.parquet,7\r\n4,6,"b ""q""","x,y",1\r\n6,9,c,z,2\r\n',
    );
  }));

await test("datatrove's .ds, .ds.index and .ds.metadata, byte by byte", () =>
  withTempDir(async (dir) => {
    await writeDatatrove(join(dir, "a"), tiny(), { tokenizer: "gpt2", tokenBytes: 2 });
    assert.equal(await hex(join(dir, "a.ds")), "010002000300090004000900050006000900");
    assert.equal(await hex(join(dir, "a.ds.index")), little64(4, 6, 9));
    assert.equal(await readFile(join(dir, "a.ds.metadata"), "utf8"), "gpt2|2\n9\n9.00 T");
    // humanize 4: [humanize.metric(n, unit="T") for n in (0, 12, 999, 1000, 123456, 3000000, 25400000000)]
    const numbers = [0, 12, 999, 1000, 123_456, 3_000_000, 25_400_000_000];
    assert.deepEqual(numbers.map(metric), [
      "0.00 T",
      "12.0 T",
      "999 T",
      "1.00 kT",
      "123 kT",
      "3.00 MT",
      "25.4 GT",
    ]);
  }));

await test("an MDS shard and its index, byte by byte; the last sample is filled up", () =>
  withTempDir(async (dir) => {
    const options = { sequenceTokens: 4, totalTokens: 9, endOfDocument: 9, shardBytes: 1000 };
    const shard = await writeMdsShard(join(dir, "shard.00000.mds"), tiny(), options);
    // As json.dumps(config, sort_keys=True) writes it.
    const config =
      '{"column_encodings": ["ndarray:int32"], "column_names": ["tokens"], "column_sizes": [null], ' +
      '"compression": null, "format": "mds", "hashes": [], "size_limit": 1000, "version": 2}';
    const first = 4 + 4 * 4 + config.length;
    // Size 18: one byte for "one dimension, its length in a byte" (1 << 2 | 0), the length, four int32.
    const sample = (...tokens: number[]) => `${little(18)}0404${tokens.map(little).join("")}`;
    const expected = [
      little(3),
      ...[0, 22, 44, 66].map((offset) => little(first + offset)),
      Buffer.from(config).toString("hex"),
      sample(1, 2, 3, 9),
      sample(4, 9, 5, 6),
      sample(9, 9, 9, 9),
    ].join("");
    assert.equal(await hex(join(dir, "shard.00000.mds")), expected);
    assert.deepEqual(shard, {
      basename: "shard.00000.mds",
      bytes: expected.length / 2,
      samples: 3,
      paddingTokens: 3,
    });
    const rest =
      `"raw_data": {"basename": "shard.00000.mds", "bytes": ${shard.bytes}, "hashes": {}}, ` +
      '"samples": 3, "size_limit": 1000, "version": 2, "zip_data": null}], "version": 2}';
    const configStart = config.slice(0, config.indexOf('"size_limit"'));
    assert.equal(mdsIndex([shard], 1000), `{"shards": [${configStart}${rest}`);
  }));

const random = new Random("formats");
const documents = Array.from({ length: 100 }, () => [
  ...Array.from({ length: random.below(400) + 1 }, () => random.below(50_000)),
  end,
]);

/** The documents in pieces of 1 to 50. */
async function* pieces(): AsyncGenerator<TokenPiece> {
  for (let first = 0; first < documents.length;) {
    const part = documents.slice(first, first + 1 + (first % 50));
    yield {
      tokens: Uint16Array.from(part.flat()),
      lengths: Uint32Array.from(part, ({ length }) => length),
      firstItem: first,
    };
    first += part.length;
  }
}

async function writeAll(dir: string): Promise<void> {
  await mkdir(join(dir, "mds"));
  await writeMegatron(join(dir, "m"), pieces(), 2);
  await writeMemmap(join(dir, "n"), pieces(), (item) => ({ id: `id${item}`, file: "f", line: item + 1 }));
  await writeDatatrove(join(dir, "d"), pieces(), { tokenizer: "gpt2", tokenBytes: 2 });
  const totalTokens = documents.flat().length;
  const options = { sequenceTokens: 512, totalTokens, endOfDocument: end, shardBytes: 10 ** 6 };
  const shard = await writeMdsShard(join(dir, "mds", "shard.00000.mds"), pieces(), options);
  await writeFile(join(dir, "mds", "index.json"), mdsIndex([shard], 10 ** 6));
}

await test("readers written from the descriptions get every document back", () =>
  withTempDir(async (dir) => {
    await writeAll(dir);
    assert.deepEqual(await readMegatron(join(dir, "m")), documents);
    const memmap = await readMemmap(join(dir, "n"));
    assert.deepEqual(
      memmap.map(({ tokens }) => tokens),
      documents,
    );
    assert.deepEqual(
      memmap.map(({ id, line }) => `${id} ${line}`),
      documents.map((_, i) => `id${i} ${i + 1}`),
    );
    assert.deepEqual(await readDatatrove(join(dir, "d")), documents);
    const samples = await readMds(join(dir, "mds"));
    assert(samples.every(({ length }) => length === 512));
    assert.deepEqual(splitDocuments(samples.flat(), end), documents);
  }));

/** Reads each format as its trainer does, with numpy; prints each one's documents as one list of lists. */
const program = `
import csv, gzip, json, struct, sys
import numpy as np

def megatron(prefix):
    with open(prefix + ".idx", "rb") as stream:
        assert stream.read(9) == b"MMIDIDX\\x00\\x00"
        version, = struct.unpack("<Q", stream.read(8))
        code, = struct.unpack("<B", stream.read(1))
        sequences, = struct.unpack("<Q", stream.read(8))
        bounds, = struct.unpack("<Q", stream.read(8))
        offset = stream.tell()
    buffer = memoryview(np.memmap(prefix + ".idx", mode="r", order="C"))
    lengths = np.frombuffer(buffer, dtype=np.int32, count=sequences, offset=offset)
    pointers = np.frombuffer(buffer, dtype=np.int64, count=sequences, offset=offset + lengths.nbytes)
    documents = np.frombuffer(buffer, dtype=np.int64, count=bounds, offset=offset + lengths.nbytes + pointers.nbytes)
    assert version == 1 and code == 8 and list(documents) == list(range(sequences + 1))
    data = memoryview(np.memmap(prefix + ".bin", mode="r", order="C"))
    return [np.frombuffer(data, dtype=np.uint16, count=n, offset=p).tolist() for n, p in zip(lengths, pointers)]

def memmap(stem):
    tokens = np.memmap(stem + ".npy", mode="r", dtype=np.uint16)
    with gzip.open(stem + ".csv.gz", "rt", newline="") as stream:
        return [tokens[int(start):int(end)].tolist() for start, end, id_, src, idx in csv.reader(stream)]

def datatrove(stem):
    name = open(stem + ".ds.metadata").read().split("\\n")[0]
    tokens = np.fromfile(stem + ".ds", dtype={"2": "<u2", "4": "<u4"}[name.rsplit("|", 1)[1]])
    ends = np.fromfile(stem + ".ds.index", dtype="<u8").astype(int)
    return [part.tolist() for part in np.split(tokens, ends[:-1])]

def mds(folder):
    stream = []
    for shard in json.load(open(folder + "/index.json"))["shards"]:
        with open(folder + "/" + shard["raw_data"]["basename"], "rb") as file:
            for sample in range(shard["samples"]):
                file.seek((1 + sample) * 4)
                begin, end = np.frombuffer(file.read(8), np.uint32)
                file.seek(begin)
                data = file.read(end - begin)
                size, = np.frombuffer(data[:4], np.uint32)
                value = data[4:4 + size]
                shape_type = ["uint8", "uint16", "uint32", "uint64"][value[0] % 4]
                start = 1 + (value[0] >> 2) * np.dtype(shape_type).itemsize
                shape = np.frombuffer(value[1:start], shape_type)
                stream += np.frombuffer(value[start:], "int32").reshape(shape).tolist()
    return stream

print(json.dumps({"megatron": megatron("m"), "npy": memmap("n"), "ds": datatrove("d"), "mds": mds("mds")}))
`;

const { python, skip = false } = pythonWith("numpy");

await test("numpy gets every document back", { skip }, () =>
  withTempDir(async (dir) => {
    await writeAll(dir);
    const read = JSON.parse(runPython(python, program, "", dir)) as Record<string, unknown>;
    assert.deepEqual(read["megatron"], documents);
    assert.deepEqual(read["npy"], documents);
    assert.deepEqual(read["ds"], documents);
    assert.deepEqual(splitDocuments(read["mds"] as number[], end), documents);
  }),
);
