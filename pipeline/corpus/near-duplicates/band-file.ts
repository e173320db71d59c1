/**
 * MinHash bands of documents in a file of blocks: the ids of up to blockRows documents, then their hashes of each
 * band, so that one band can be read without the others.
 */
import { appendFile, open, stat } from "node:fs/promises";
import { bandHashes, minHash, shingleHashes, wordHashes } from "../../math/minhash.ts";
import type { NearDuplicatesConfig } from "../../schema/clean-config.ts";

/** Name of a reading shard's file of bands. */
export const bandsFile = "bands.bin";

export const idBytes = 16;
const hashBytes = 8;
const blockRows = 4096;

const rowBytes = (bands: number) => idBytes + hashBytes * bands;

/** Writes id and bands of documents, and holds one block of them. */
export class BandFile {
  readonly #path: string;
  readonly #config: NearDuplicatesConfig;
  readonly #ids = Buffer.alloc(blockRows * idBytes);
  /** Of each band: low and high 32 bits of each document's hash. */
  readonly #hashes: Uint32Array[];
  #rows = 0;

  constructor(path: string, config: NearDuplicatesConfig) {
    this.#path = path;
    this.#config = config;
    this.#hashes = Array.from({ length: config.bands }, () => new Uint32Array(2 * blockRows));
  }

  /** A text without a word has no bands, and is like none. */
  async add(id: string, text: string): Promise<void> {
    const { words, bands, rows } = this.#config;
    const signature = minHash(shingleHashes(wordHashes(text), words), bands * rows);
    if (signature === undefined) return;
    this.#ids.write(id, this.#rows * idBytes, "hex");
    const hashes = bandHashes(signature, rows);
    for (const [band, of] of this.#hashes.entries())
      of.set(hashes.subarray(2 * band, 2 * band + 2), 2 * this.#rows);
    this.#rows++;
    if (this.#rows === blockRows) await this.#write();
  }

  /** There is a file afterwards, though it may be empty. */
  async finish(): Promise<void> {
    await this.#write();
  }

  async #write(): Promise<void> {
    const columns = this.#hashes.map((of) => Buffer.from(of.buffer, 0, this.#rows * hashBytes));
    await appendFile(this.#path, Buffer.concat([this.#ids.subarray(0, this.#rows * idBytes), ...columns]));
    this.#rows = 0;
  }
}

/** Ids of a file's documents in order, idBytes each, a block at a time; a block is overwritten by the next. */
export async function* readIds(path: string, bands: number): AsyncGenerator<Buffer> {
  for await (const bytes of readColumn(path, bands, 0, idBytes))
    yield Buffer.from(bytes.buffer, 0, bytes.length);
}

/** Low and high 32 bits of the documents' hashes of one band in order, as readIds does. */
export async function* readBand(path: string, band: number, bands: number): AsyncGenerator<Uint32Array> {
  for await (const bytes of readColumn(path, bands, idBytes + hashBytes * band, hashBytes))
    yield new Uint32Array(bytes.buffer, 0, bytes.length / 4);
}

/** How many documents some files hold. */
export async function countDocuments(paths: readonly string[], bands: number): Promise<number> {
  let documents = 0;
  for (const path of paths) documents += await rowsOf(path, bands);
  return documents;
}

/** @param before bytes of a document in the columns before this one */
async function* readColumn(
  path: string,
  bands: number,
  before: number,
  width: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const rows = await rowsOf(path, bands);
  const file = await open(path);
  try {
    const buffer = new Uint8Array(new ArrayBuffer(blockRows * width));
    for (let first = 0; first < rows; first += blockRows) {
      const count = Math.min(blockRows, rows - first);
      const start = first * rowBytes(bands) + count * before;
      const { bytesRead } = await file.read(buffer, 0, count * width, start);
      if (bytesRead < count * width) throw new Error(`${path} became shorter while it was read`);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function rowsOf(path: string, bands: number): Promise<number> {
  return (await stat(path)).size / rowBytes(bands);
}
