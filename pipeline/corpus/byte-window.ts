import { BadFileError } from "./record.ts";

/**
 * A movable view of a stream of bytes: look ahead without consuming, so that a reader may change its mind.
 * Holds what was asked for and not yet passed, nothing else. What it hands out is never overwritten.
 */
export class ByteWindow {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #ended = false;
  #offset = 0;
  #broken: BadFileError | undefined;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Of the window's first byte, in the whole stream. */
  get offset(): number {
    return this.#offset;
  }

  /** Why the stream ends where it ends, if it is damaged there. */
  get broken(): BadFileError | undefined {
    return this.#broken;
  }

  /** Have at least `count` bytes in the window; false if the stream ends before that. */
  async hold(count: number): Promise<boolean> {
    let held = this.#bytes.length - this.#start;
    if (held >= count) return true;
    const pieces: Uint8Array[] = [this.#bytes.subarray(this.#start)];
    while (held < count) {
      const chunk = await this.#next();
      if (chunk === undefined) break;
      pieces.push(chunk);
      held += chunk.length;
    }
    if (pieces.length > 1) {
      this.#bytes = Buffer.concat(pieces);
      this.#start = 0;
    }
    return held >= count;
  }

  /** Bytes of the window, as far as it holds them. */
  peek(from: number, to: number): Buffer {
    return this.#bytes.subarray(this.#start + from, this.#start + to);
  }

  /** Move on by `count` bytes, held or not; false if the stream ends before that. */
  async pass(count: number): Promise<boolean> {
    let left = count;
    for (;;) {
      const step = Math.min(left, this.#bytes.length - this.#start);
      this.#start += step;
      this.#offset += step;
      left -= step;
      if (left === 0) return true;
      const chunk = await this.#next();
      if (chunk === undefined) return false;
      this.#bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      this.#start = 0;
    }
  }

  /** Release the stream. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#ended) return undefined;
    try {
      const next = await this.#chunks.next();
      if (next.done !== true) return next.value;
    } catch (error) {
      if (!(error instanceof BadFileError)) throw error;
      // What came before the break may still be whole records.
      this.#broken = error;
    }
    this.#ended = true;
    return undefined;
  }
}
