import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { headerEnd, headerFields } from "./header-fields.ts";

export interface HttpResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** As it was sent. */
  readonly body: Buffer;
}

/** The body is not what the header says of it. */
export class HttpBodyError extends Error {}

/** Take a response as it was sent apart; undefined if it is none. */
export function parseHttpResponse(bytes: Buffer): HttpResponse | undefined {
  const end = headerEnd(bytes);
  const header = bytes.toString("latin1", 0, Math.max(0, end));
  const status = /^HTTP\/[\d.]+\s+(\d{3})\b/.exec(header)?.[1];
  if (status === undefined) return undefined;
  return { status: Number(status), headers: headerFields(header), body: bytes.subarray(end) };
}

/**
 * The body without its transfer and content encodings. Many archives store it decoded and keep the headers,
 * so that a body which is plainly not encoded is taken as it is.
 *
 * @throws HttpBodyError if an encoding is unknown, broken, or gives more than maxBytes
 */
export function decodeBody({ headers, body }: HttpResponse, maxBytes: number): Buffer {
  const list = (name: string) =>
    (headers.get(name) ?? "")
      .toLowerCase()
      .split(",")
      .map((coding) => coding.trim())
      .filter((coding) => coding !== "" && coding !== "identity");
  const codings = [...list("content-encoding"), ...list("transfer-encoding")];
  return codings.reduceRight((bytes, coding) => decode(bytes, coding, maxBytes), body);
}

function decode(bytes: Buffer, coding: string, maxOutputLength: number): Buffer {
  if (bytes.length === 0) return bytes;
  if (coding === "chunked") return joinChunks(bytes);
  const limit = { maxOutputLength };
  try {
    if (coding === "gzip" || coding === "x-gzip") {
      return bytes.readUInt8(0) === 0x1f ? gunzipSync(bytes, limit) : bytes;
    }
    if (looksLikeMarkup(bytes)) return bytes;
    if (coding === "br") return brotliDecompressSync(bytes, limit);
    if (coding === "deflate") {
      // Half of the world's servers leave out the zlib header.
      return (bytes.readUInt8(0) & 0x0f) === 8 ? inflateSync(bytes, limit) : inflateRawSync(bytes, limit);
    }
  } catch (error) {
    throw new HttpBodyError(`broken ${coding} encoding (${(error as Error).message})`, { cause: error });
  }
  throw new HttpBodyError(`unknown encoding '${coding}'`);
}

const looksLikeMarkup = (bytes: Buffer) => /^\s*<[!?a-z]/i.test(bytes.toString("latin1", 0, 64));

/** RFC 9112, section 7.1: a size in hexadecimal, a newline, that many bytes, a newline; size 0 ends. */
function joinChunks(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const size = /^([\da-f]{1,8})[ \t]*(;[^\n]*)?\r?\n/i.exec(bytes.toString("latin1", at, at + 256));
    if (size === null && at === 0) return bytes;
    if (size === null) throw new HttpBodyError(`broken chunked encoding at byte ${at} of the body`);
    const start = at + size[0].length;
    const end = start + Number.parseInt(size[1]!, 16);
    if (end === start) return Buffer.concat(pieces);
    if (end > bytes.length) throw new HttpBodyError("chunked encoding cut short");
    pieces.push(bytes.subarray(start, end));
    at = end + (bytes[end] === 0x0d ? 2 : 1);
  }
}
