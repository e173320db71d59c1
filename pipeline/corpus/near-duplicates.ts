/**
 * Near duplicates through MinHash bands: reading writes the bands of each document, one pass a band finds documents
 * that share one, and of each group of documents that are linked by it the one with the smallest id stays. Ids are
 * hashes, so that is a random one, whatever the order of the files.
 */
import { open, readFile, writeFile } from "node:fs/promises";
import { bandHashes, minHash, shingleHashes, wordHashes } from "../math/minhash.ts";
import type { NearDuplicatesConfig } from "../schema/clean-config.ts";

/** Name of a reading shard's file of bands. */
export const bandsFile = "bands.bin";

const idBytes = 16;
const rowBytes = (bands: number) => idBytes + 8 * bands;

/** Collects id and bands of documents, and writes them to one file. */
export class BandFile {
  readonly #config: NearDuplicatesConfig;
  readonly #rows: Buffer[] = [];

  constructor(config: NearDuplicatesConfig) {
    this.#config = config;
  }

  /** A text without a word has no bands, and is like none. */
  add(id: string, text: string): void {
    const { words, bands, rows } = this.#config;
    const signature = minHash(shingleHashes(wordHashes(text), words), bands * rows);
    if (signature === undefined) return;
    const row = Buffer.alloc(rowBytes(bands));
    row.write(id, "hex");
    bandHashes(signature, rows).forEach((hash, index) => row.writeUInt32LE(hash, idBytes + 4 * index));
    this.#rows.push(row);
  }

  async write(path: string): Promise<void> {
    await writeFile(path, Buffer.concat(this.#rows));
  }
}

/** Documents per read of a band file. */
const rowsAtOnce = 8192;

/**
 * Pairs of documents, counted through all files, that share one band: each document with the one before it of the
 * same hash. Holds 16 bytes a document.
 *
 * @returns row-major, pairs * 2
 */
export async function documentsSharingBand(
  paths: readonly string[],
  band: number,
  bands: number,
): Promise<Uint32Array> {
  const hashes: BigUint64Array[] = [];
  for (const path of paths) {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const bytes = rowBytes(bands);
      const of = new BigUint64Array(size / bytes);
      const buffer = Buffer.alloc(rowsAtOnce * bytes);
      for (let first = 0; first < of.length; first += rowsAtOnce) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, first * bytes);
        for (let row = 0; row * bytes < bytesRead; row++) {
          of[first + row] = buffer.readBigUInt64LE(row * bytes + idBytes + 8 * band);
        }
      }
      hashes.push(of);
    } finally {
      await file.close();
    }
  }
  return pairsOfEqual(hashes);
}

/** So many bits of a key are the document, the others the beginning of its hash. */
const documentBits = 28n;

function pairsOfEqual(parts: readonly BigUint64Array[]): Uint32Array {
  const count = parts.reduce((sum, part) => sum + part.length, 0);
  if (count >= 2 ** Number(documentBits)) throw new RangeError(`${count} documents are too many to compare`);
  const all = new BigUint64Array(count);
  let start = 0;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  const mask = (1n << documentBits) - 1n;
  // Sorting plain numbers is many times faster than sorting documents by their hashes.
  const keys = all.map((hash, document) => (hash & ~mask) | BigInt(document)).sort();
  const pairs: number[] = [];
  let before = new Map<bigint, number>();
  for (let at = 0; at < count; at++) {
    const key = keys[at]!;
    const document = Number(key & mask);
    if (at === 0 || (keys[at - 1]! ^ key) > mask) before = new Map();
    const hash = all[document]!;
    const earlier = before.get(hash);
    if (earlier !== undefined) pairs.push(earlier, document);
    before.set(hash, document);
  }
  return Uint32Array.from(pairs);
}

/** Bytes of a line of the file of near duplicates: an id, a space, the id of the one that stays, a newline. */
const lineBytes = 2 * (2 * idBytes + 1);

/**
 * Write the ids of near duplicates that go and of those that stay for them, sorted. Holds 24 bytes a document and
 * the list.
 *
 * @param paths of band files, in the order of documentsSharingBand
 * @returns documents in the list
 */
export async function writeNearDuplicates(
  path: string,
  paths: readonly string[],
  bands: number,
  pairs: readonly Uint32Array[],
): Promise<number> {
  const ids: Buffer[] = [];
  for (const bandFile of paths) {
    const bytes = await readFile(bandFile);
    for (let at = 0; at < bytes.length; at += rowBytes(bands))
      ids.push(Buffer.from(bytes.subarray(at, at + idBytes)));
  }
  const parent = Uint32Array.from(ids.keys());
  const rootOf = (document: number): number => {
    let root = document;
    while (parent[root] !== root) root = parent[root] = parent[parent[root]!]!;
    return root;
  };
  for (const of of pairs) {
    for (let pair = 0; pair < of.length; pair += 2) {
      const left = rootOf(of[pair]!);
      const right = rootOf(of[pair + 1]!);
      if (ids[left]!.compare(ids[right]!) <= 0) parent[right] = left;
      else parent[left] = right;
    }
  }
  const lines = new Set<string>();
  ids.forEach((id, document) => {
    const stays = ids[rootOf(document)]!;
    // Equal texts have one id; merging leaves one of them.
    if (!id.equals(stays)) lines.add(`${id.toString("hex")} ${stays.toString("hex")}\n`);
  });
  await writeFile(path, [...lines].sort().join(""));
  return lines.size;
}

/** Of the near duplicates that go, those whose id is wanted, to the id that stays. */
export async function readNearDuplicates(
  path: string,
  isWanted: (id: string) => boolean,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(rowsAtOnce * lineBytes);
    for (let from = 0; ;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
      if (bytesRead === 0) return found;
      for (let at = 0; at < bytesRead; at += lineBytes) {
        const id = buffer.toString("latin1", at, at + 2 * idBytes);
        if (isWanted(id)) found.set(id, buffer.toString("latin1", at + 2 * idBytes + 1, at + lineBytes - 1));
      }
      from += bytesRead;
    }
  } finally {
    await file.close();
  }
}
