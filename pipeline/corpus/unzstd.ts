import { ZSTDDecoder } from "zstddec/stream";
import { BadFileError } from "./record.ts";

type Bytes = AsyncGenerator<Uint8Array>;

/** No frame is shorter (RFC 8878: magic number and size of one to be skipped). */
const leastFrameBytes = 8;

/** Given to the decoder at a time; more, and it would take longer to see that it is stuck. */
const pieceBytes = 2 ** 14;
const mostBarrenSteps = pieceBytes / leastFrameBytes + 1;

/**
 * Decompress zstd: libzstd in WebAssembly, some three times faster than a decoder in JavaScript, with its checks of
 * content checksums. Windows are limited to 128 MiB, as the zstd program limits them.
 *
 * @throws BadFileError if the data are damaged or cut short
 */
export async function* unzstd(compressed: Bytes): Bytes {
  const decoder = new ZSTDDecoder();
  await decoder.init();
  const feed = new Feed();
  // Each step is one call of ZSTD_decompressStream, and takes one piece at most.
  const pieces = decoder.decodeStreaming(feed);
  let barren = 0;
  const step = (): IteratorResult<Uint8Array, unknown> => {
    const { taken } = feed;
    let next;
    try {
      next = pieces.next();
    } catch (cause) {
      throw new BadFileError(`damaged or truncated zstd data (${(cause as Error).message})`, { cause });
    }
    // What the call returned is not looked at: after an error it is made again for ever, and gives nothing. Else a
    // step without output ends a piece or a frame.
    barren = next.done === true || next.value.length > 0 || feed.taken !== taken ? 0 : barren + 1;
    if (barren > mostBarrenSteps) {
      throw new BadFileError("damaged or truncated zstd data, or a window beyond 128 MiB");
    }
    return next;
  };

  let chunk: Uint8Array = new Uint8Array(0);
  let ended = false;
  try {
    for (;;) {
      while (chunk.length === 0 && !ended) {
        const { done, value } = await compressed.next();
        if (done === true) ended = true;
        else chunk = value;
      }
      if (feed.waiting === undefined && chunk.length > 0) {
        feed.waiting = chunk.subarray(0, pieceBytes);
        chunk = chunk.subarray(pieceBytes);
      }
      const next = step();
      if (next.done === true) return;
      if (next.value.length > 0) yield next.value;
    }
  } finally {
    await compressed.return(undefined);
    // The decoder frees its memory when it comes to the end of its input, and not before.
    feed.waiting = undefined;
    try {
      while (step().done !== true);
    } catch {
      // Of damaged data, or left in the middle: it has been told, or nobody asked.
    }
  }
}

/** Gives pieces that another has put there, one after the other. */
class Feed implements Iterable<Uint8Array> {
  waiting: Uint8Array | undefined;
  taken = 0;

  *[Symbol.iterator](): Generator<Uint8Array> {
    while (this.waiting !== undefined) {
      const piece = this.waiting;
      this.waiting = undefined;
      this.taken++;
      yield piece;
    }
  }
}
