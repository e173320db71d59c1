/**
 * The records of a WARC file (ISO 28500): a version line, header fields, an empty line, Content-Length bytes,
 * two newlines. What does not hold to that costs the record it is in: reading goes on at the next version line.
 */
import { ByteWindow } from "./byte-window.ts";
import { headerEnd, headerFields } from "./header-fields.ts";
import { BadFileError } from "./record.ts";

/** A longer block is not held. Crawlers cut pages long before: Common Crawl at 5 MiB. */
export const maxBlockBytes = 2 ** 24;

/** Of a longer block this much is handed on. */
const headBytes = 2 ** 16;

const maxHeaderBytes = 2 ** 20;
const versionLine = /^WARC\/\d\.\d{1,2}\r?\n/;
const versionLineBytes = 16;

export interface WarcRecord {
  /** From 1, over records of every type. */
  readonly number: number;
  /** Where it begins in the decompressed file. */
  readonly offset: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly block: Buffer;
  /** More than the block's length if that was too long to hold. */
  readonly blockBytes: number;
}

/** A stretch of the file that is no record. */
export interface WarcDamage {
  readonly number: number;
  readonly offset: number;
  readonly damage: string;
}

/**
 * All records in order, and what lies between them that is none.
 * Holds one block of at most maxBlockBytes, and as much again while it grows.
 *
 * @param within what offsets are counted in, for errors
 * @throws BadFileError if the file ends in the middle of a record, or holds none at all
 */
export async function* warcRecords(
  chunks: AsyncIterable<Uint8Array>,
  within = "the decompressed file",
): AsyncGenerator<WarcRecord | WarcDamage> {
  const window = new ByteWindow(chunks);
  try {
    for (let number = 1; await atRecord(window); number++) {
      const { offset } = window;
      const record = await readRecord(window);
      if (typeof record !== "string") {
        yield { number, offset, ...record };
        continue;
      }
      await window.pass(1);
      const found = await seekVersionLine(window);
      if (!found && offset === 0) throw new BadFileError("holds no whole WARC record");
      if (!found) throwIfCut(window, record, `${offset} of ${within}`);
      yield { number, offset, damage: `${record}; ${window.offset - offset} bytes left out` };
    }
    throwIfCut(window, "", `${window.offset} of ${within}`);
  } finally {
    await window.close();
  }
}

const cutShort = "the file ends in the middle of a record";

function throwIfCut({ broken }: ByteWindow, trouble: string, byte: string): void {
  if (broken === undefined && trouble !== cutShort) return;
  throw new BadFileError(`${broken?.message ?? trouble}, in the record at byte ${byte}`, { cause: broken });
}

/** Move over empty lines; false at the end of the file. */
async function atRecord(window: ByteWindow): Promise<boolean> {
  while (await window.hold(1)) {
    const bytes = window.peek(0, versionLineBytes);
    const start = bytes.findIndex((byte) => byte !== 0x0d && byte !== 0x0a);
    await window.pass(start === -1 ? bytes.length : start);
    if (start !== -1) return true;
  }
  return false;
}

/** The record the window is at, which is then behind it; or what is wrong with it. */
async function readRecord(window: ByteWindow): Promise<Omit<WarcRecord, "number" | "offset"> | string> {
  await window.hold(versionLineBytes);
  if (!versionLine.test(window.peek(0, versionLineBytes).toString("latin1"))) return "not a WARC record";
  const header = await readHeader(window);
  if (header === undefined) {
    return (await window.hold(maxHeaderBytes)) ? `no header ends within ${maxHeaderBytes} bytes` : cutShort;
  }
  const headers = headerFields(header.toString("utf8"));

  const length = headers.get("content-length") ?? "";
  if (!/^\d{1,15}$/.test(length)) return `Content-Length is '${length.slice(0, 40)}'`;
  const blockBytes = Number(length);
  const end = header.length + blockBytes;

  if (blockBytes > maxBlockBytes) {
    await window.hold(header.length + headBytes);
    const block = window.peek(header.length, header.length + headBytes);
    if (!(await window.pass(end))) return cutShort;
    return (await recordEnds(window, 0)) ? { headers, block, blockBytes } : wrongLength(blockBytes);
  }
  if (!(await window.hold(end))) return cutShort;
  if (!(await recordEnds(window, end))) return wrongLength(blockBytes);
  const block = window.peek(header.length, end);
  await window.pass(end);
  return { headers, block, blockBytes };
}

const wrongLength = (blockBytes: number) => `the record does not end after its Content-Length, ${blockBytes}`;

/** The header with its empty line; undefined if that does not come. */
async function readHeader(window: ByteWindow): Promise<Buffer | undefined> {
  for (let size = 2 ** 11; size <= maxHeaderBytes; size *= 2) {
    const more = await window.hold(size);
    const end = headerEnd(window.peek(0, size));
    if (end !== -1) return window.peek(0, end);
    if (!more) break;
  }
  return undefined;
}

/** True if two newlines, the next record or the end of the file are there. */
async function recordEnds(window: ByteWindow, at: number): Promise<boolean> {
  await window.hold(at + versionLineBytes);
  const next = window.peek(at, at + versionLineBytes).toString("latin1");
  return /^(\r\n\r\n|\n\n|[\r\n]*$|[\r\n]*WARC\/)/.test(next);
}

/** Move to the next version line, wherever in a line it is; false at the end of the file. */
async function seekVersionLine(window: ByteWindow): Promise<boolean> {
  for (;;) {
    const more = await window.hold(headBytes);
    const bytes = window.peek(0, headBytes);
    for (let at = bytes.indexOf("WARC/"); at !== -1; at = bytes.indexOf("WARC/", at + 1)) {
      if (!versionLine.test(bytes.toString("latin1", at, at + versionLineBytes))) continue;
      await window.pass(at);
      return true;
    }
    await window.pass(more ? bytes.length - versionLineBytes : bytes.length);
    if (!more) return false;
  }
}
