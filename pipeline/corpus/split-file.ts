import { open } from "node:fs/promises";
import { inflateRawSync } from "node:zlib";
import { openDuckdb, sqlText } from "../core/duckdb.ts";
import type { FilePart, InputFile } from "./discover.ts";

/** Read at a time while a boundary is looked for. */
const pieceBytes = 2 ** 16;

/** Where a unit of the file begins at or after a byte, but before another; undefined if none does. */
type FindBoundary = (from: number, to: number) => Promise<number | undefined>;

/**
 * Cut a large file into parts of about `partBytes` that can be read by themselves: JSON lines at newlines, Parquet
 * between row groups, compressed web archives between gzip members that begin a record. A file that is one gzip
 * member or in zstd, an archive that is not compressed, and a file that others lie beside row for row, stays whole.
 *
 * @returns parts in the file's order, which together are the file
 */
export async function splitFile(file: InputFile, partBytes: number): Promise<InputFile[]> {
  const { format, compression, bytes, beside } = file;
  const wanted = Math.ceil(bytes / partBytes);
  if (wanted < 2 || beside.length > 0) return [file];
  if (format === "parquet") return parts(file, "rows", await rowGroupCuts(file, partBytes));
  if (format === "jsonl" && compression === "none") {
    return parts(file, "bytes", await cuts(bytes, wanted, await lineFinder(file.path)));
  }
  if ((format === "warc" || format === "wet") && compression === "gzip") {
    return parts(file, "bytes", await cuts(bytes, wanted, await memberFinder(file.path)));
  }
  return [file];
}

/** @param ends of each part but for the first beginning, ascending; the last is the file's */
function parts(file: InputFile, unit: FilePart["unit"], ends: readonly number[]): InputFile[] {
  if (ends.length < 2) return [file];
  const total = ends.at(-1)!;
  const bytesBefore = (end: number) => Math.round((file.bytes * end) / total);
  return ends.map((to, index) => {
    const from = ends[index - 1] ?? 0;
    return { ...file, bytes: bytesBefore(to) - bytesBefore(from), part: { index, unit, from, to } };
  });
}

async function cuts(
  bytes: number,
  wanted: number,
  { find, close }: { find: FindBoundary; close: () => Promise<void> },
): Promise<number[]> {
  try {
    const ends: number[] = [];
    for (let cut = 1; cut < wanted; cut++) {
      const from = Math.floor((bytes * cut) / wanted);
      // Beyond the next cut it is the next cut's to find.
      const end = await find(from, Math.floor((bytes * (cut + 1)) / wanted));
      if (end !== undefined && end < bytes) ends.push(end);
    }
    return [...ends, bytes];
  } finally {
    await close();
  }
}

async function lineFinder(path: string): Promise<{ find: FindBoundary; close: () => Promise<void> }> {
  const file = await open(path);
  const buffer = Buffer.alloc(pieceBytes);
  const find: FindBoundary = async (from, to) => {
    // The byte before may be the newline that ends a line exactly here.
    for (let at = from - 1; at < to - 1; at += pieceBytes) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(pieceBytes, to - 1 - at), at);
      const newline = buffer.subarray(0, bytesRead).indexOf(0x0a);
      if (newline !== -1) return at + newline + 1;
      if (bytesRead === 0) break;
    }
    return undefined;
  };
  return { find, close: () => file.close() };
}

/** gzip, deflate, no flags that a writer of web archives sets (RFC 1952). */
const memberMagic = Buffer.from([0x1f, 0x8b, 0x08]);
/** Compressed bytes that give the first of a record. */
const headBytes = 512;

/**
 * The magic bytes of a member may also occur within one: what they begin must be a record when it is inflated. That a
 * page holds a whole compressed archive which was stored without compressing it again, is left out of account.
 */
async function memberFinder(path: string): Promise<{ find: FindBoundary; close: () => Promise<void> }> {
  const file = await open(path);
  const buffer = Buffer.alloc(pieceBytes + headBytes);
  const find: FindBoundary = async (from, to) => {
    for (let at = from; at < to; at += pieceBytes) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      const held = buffer.subarray(0, bytesRead);
      const searched = Math.min(pieceBytes, to - at);
      for (
        let magic = held.indexOf(memberMagic);
        magic !== -1;
        magic = held.indexOf(memberMagic, magic + 1)
      ) {
        if (magic >= searched) break;
        if (beginsRecord(held.subarray(magic, magic + headBytes))) return at + magic;
      }
      if (bytesRead < buffer.length) break;
    }
    return undefined;
  };
  return { find, close: () => file.close() };
}

function beginsRecord(member: Buffer): boolean {
  // A file name in the header is the only field that archives are known to have.
  const flags = member[3] ?? 0xff;
  if ((flags & ~0x08) !== 0) return false;
  const start = (flags & 0x08) === 0 ? 10 : member.indexOf(0, 10) + 1;
  if (start < 10) return false;
  try {
    // Z_SYNC_FLUSH: the member goes on beyond the bytes at hand.
    const head = inflateRawSync(member.subarray(start), { finishFlush: 2 });
    return /^WARC\/\d/.test(head.toString("latin1", 0, 8));
  } catch {
    return false;
  }
}

/** Last row, exclusive, of runs of row groups of about `partBytes`; none if the file cannot be read. */
async function rowGroupCuts({ path }: InputFile, partBytes: number): Promise<number[]> {
  const { connection, close } = await openDuckdb();
  try {
    const groups = await connection.runAndReadAll(
      `SELECT any_value(row_group_num_rows)::DOUBLE, sum(total_compressed_size)::DOUBLE
       FROM parquet_metadata(${sqlText(path)}) GROUP BY row_group_id ORDER BY row_group_id`,
    );
    const ends: number[] = [];
    let rows = 0;
    let bytes = 0;
    for (const [groupRows, groupBytes] of groups.getRows() as [number, number][]) {
      if (bytes > 0 && bytes + groupBytes > partBytes) {
        ends.push(rows);
        bytes = 0;
      }
      rows += groupRows;
      bytes += groupBytes;
    }
    return [...ends, rows];
  } catch {
    // A damaged file is the reader's to report.
    return [];
  } finally {
    close();
  }
}
