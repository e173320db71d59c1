/**
 * A file's bytes, decompressed. Everything decoded before a break is handed on, in an order and in pieces
 * that do not depend on timing, so that what is kept of a damaged file is the same in every run.
 */
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import type { InputFile } from "./discover.ts";
import { BadFileError } from "./record.ts";
import { unzstd } from "./unzstd.ts";

/** Read and inflated at a time. */
const pieceBytes = 2 ** 18;

/**
 * A file that inflates to more bytes, and to more times its size, than this was made to fill disks: text grows five-
 * to tenfold, deflate can give a thousandfold and zstd far more.
 */
const bombBytes = 2 ** 28;
const bombRatio = 250;

type Bytes = AsyncGenerator<Uint8Array>;

/**
 * @param onBytes told how many bytes of the file itself were read
 * @throws BadFileError if the file cannot be opened, its compressed data are damaged or cut short, or it is a
 *   decompression bomb
 */
export async function* readBytes(
  { path, compression, part }: Pick<InputFile, "path" | "compression" | "part">,
  onBytes: (bytes: number) => void,
): Bytes {
  let packedBytes = 0;
  const raw = readRaw(path, part, (bytes) => {
    packedBytes += bytes;
    onBytes(bytes);
  });
  if (compression === "none") {
    yield* raw;
    return;
  }
  let bytes = 0;
  for await (const piece of compression === "gzip" ? gunzip(raw) : unzstd(raw)) {
    bytes += piece.length;
    if (bytes > bombBytes && bytes > bombRatio * packedBytes) {
      throw new BadFileError(
        `${packedBytes} compressed bytes hold more than ${bytes}: no text repeats itself that much`,
      );
    }
    yield piece;
  }
}

async function* readRaw(path: string, part: InputFile["part"], onBytes: (bytes: number) => void): Bytes {
  const range = part === undefined ? {} : { start: part.from, end: part.to - 1 };
  const stream = createReadStream(path, { highWaterMark: pieceBytes, ...range });
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      onBytes(chunk.length);
      yield chunk;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new BadFileError("the file is gone", { cause: error });
    if (code === "EACCES") throw new BadFileError("the file may not be read", { cause: error });
    throw error;
  }
}

async function* gunzip(compressed: Bytes): Bytes {
  const inflate = createGunzip({ chunkSize: pieceBytes });
  const decoded: Uint8Array[] = [];
  let ended = false;
  let broken: Error | undefined;
  let wake: (() => void) | undefined;
  inflate.on("data", (piece: Uint8Array) => decoded.push(piece));
  inflate.on("end", () => {
    ended = true;
    wake?.();
  });
  inflate.on("error", (error) => {
    broken = error;
    wake?.();
  });
  // Written piece by piece: a pipeline would drop what is still queued when an error comes.
  const drain = async function* (step: (done: () => void) => void): Bytes {
    await new Promise<void>((resolve) => {
      wake = resolve;
      step(resolve);
    });
    // A failed write calls back just before the error event.
    if (inflate.errored !== null) broken ??= inflate.errored;
    yield* decoded.splice(0);
    if (broken === undefined) return;
    throw new BadFileError(`damaged or truncated gzip data (${broken.message})`, { cause: broken });
  };
  let given = 0;
  try {
    for await (const chunk of compressed) {
      yield* drain((done) => inflate.write(chunk, done));
      given += chunk.length;
      if (!ended) continue;
      await refuseData(chunk.subarray(chunk.length - (given - inflate.bytesWritten)), compressed);
      return;
    }
    yield* drain(() => inflate.end());
  } finally {
    inflate.destroy();
  }
}

/** Zeros after the last gzip member are padding; what follows zeros would be lost without a word. */
async function refuseData(first: Uint8Array, others: Bytes): Promise<void> {
  let zero = isZero(first);
  for await (const chunk of others) zero &&= isZero(chunk);
  if (!zero) throw new BadFileError("damaged gzip data (no member where one should begin)");
}

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);
