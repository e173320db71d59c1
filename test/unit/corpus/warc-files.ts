/** WARC files made by hand for the tests. */
import { gzipSync } from "node:zlib";

/** Joined with CRLF, an empty line after them. */
export const header = (...lines: string[]): string => `${lines.join("\r\n")}\r\n\r\n`;

/** One record with the right Content-Length, unless the fields give another. */
export function warcRecord(type: string, block: string | Uint8Array, ...fields: string[]): Buffer {
  const bytes = Buffer.from(block as string);
  const own = fields.some((field) => field.startsWith("Content-Length:"));
  const length = own ? [] : [`Content-Length: ${bytes.length}`];
  const head = header("WARC/1.0", `WARC-Type: ${type}`, ...fields, ...length);
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from("\r\n\r\n")]);
}

/** A record of text somebody made of a page. */
export const conversion = (text: string | Uint8Array, ...fields: string[]): Buffer =>
  warcRecord("conversion", text, "Content-Type: text/plain", ...fields);

/** A record of what a server sent. */
export function response(
  httpHeader: readonly string[],
  body: string | Uint8Array,
  ...fields: string[]
): Buffer {
  const sent = Buffer.concat([Buffer.from(header(...httpHeader)), Buffer.from(body as string)]);
  return warcRecord("response", sent, "Content-Type: application/http; msgtype=response", ...fields);
}

/** One gzip member a record. */
export const members = (records: readonly Buffer[]): Buffer =>
  Buffer.concat(records.map((record) => gzipSync(record)));
